// Versions of the libraries that only the transport includes.
#ifndef CONVOY_SERVER_RPC_LIBRARY_VERSIONS_H_
#define CONVOY_SERVER_RPC_LIBRARY_VERSIONS_H_

#include <string>

namespace convoy::rpc {

// Of the libraries in use: "1.51.1".
std::string GrpcVersion();
// The headers' it was built with; others do not start.
std::string ProtobufVersion();

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LIBRARY_VERSIONS_H_
