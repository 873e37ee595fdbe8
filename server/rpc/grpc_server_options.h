// What the gRPC side is told when it starts.
#ifndef CONVOY_SERVER_RPC_GRPC_SERVER_OPTIONS_H_
#define CONVOY_SERVER_RPC_GRPC_SERVER_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "server/rpc/call_log.h"

namespace convoy::rpc {

// What one connection, and all of them together, may ask of the server.
struct ConnectionLimits {
  // Open at the same time; a further one is closed at once.
  int max_connections = 4096;
  // Calls under way on one connection; further ones wait at the caller's side.
  int max_streams = 1024;
  // Of a call's headers, as HTTP/2 counts them (32 bytes more for each field). A
  // call with more is refused with RESOURCE_EXHAUSTED.
  int64_t max_header_bytes = int64_t{8} << 10;
  // How long a connection may take to begin to speak HTTP/2.
  double handshake_seconds = 10;
  // After so much silence a peer is asked whether it is there, and given up when it
  // says nothing for keepalive_timeout_seconds. 0: it is never asked.
  double keepalive_seconds = 60;
  double keepalive_timeout_seconds = 20;
  // Whoever asks the server more often than that is cut off after two warnings.
  double min_ping_seconds = 10;
  // A connection without a call is closed after so long. 0: never.
  double max_idle_seconds = 1800;
  // A connection takes no new calls after so long, give or take a tenth, and is closed
  // when those under way are done, at the latest a minute later. 0: it stays open.
  double max_age_seconds = 0;
  // Processor time for which one connection may keep a poller reading frames that
  // nothing comes of, before it is cut. 0: for ever.
  int flood_milliseconds = 20;
};

struct GrpcServerOptions {
  // host:port, [ipv6]:port or unix:path, or several with commas between them. Port 0
  // takes a free one.
  std::string address = "127.0.0.1:8001";
  // Threads that receive calls. One is best for up to a few cores: more compete
  // for the same sockets.
  int pollers = 1;
  // Largest request message, as sent and inflated; a larger one is refused with
  // RESOURCE_EXHAUSTED.
  int64_t max_message_bytes = int64_t{64} << 20;
  // Largest output tensor; a request for more is refused the same way.
  int64_t max_response_bytes = int64_t{256} << 20;
  // What has been received and not been let go of, over all connections: messages
  // that are not complete yet and requests that wait. Beyond it calls whose message
  // is not complete are ended.
  int64_t max_received_bytes = int64_t{2} << 30;
  ConnectionLimits connections;
  CallLogOptions call_log;
  // Bytes of memory that the process takes beyond what it may: connections that hold
  // much of it are cut then. For any thread; null: it is not known.
  std::function<int64_t()> memory_excess;
};

//   INVALID_ARGUMENT  an option is out of range; the message names it.
absl::Status CheckOptions(const GrpcServerOptions& options);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_GRPC_SERVER_OPTIONS_H_
