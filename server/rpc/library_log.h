// Where gRPC's and protobuf's own log lines go.
#ifndef CONVOY_SERVER_RPC_LIBRARY_LOG_H_
#define CONVOY_SERVER_RPC_LIBRARY_LOG_H_

namespace convoy::rpc {

// Sends both libraries' lines to the server's log from the first call on: gRPC's
// errors as warnings, everything else, such as protobuf's remarks about callers'
// bytes, at level debug. Process-wide; call it while no other thread uses gRPC.
void RouteLibraryLogs();

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LIBRARY_LOG_H_
