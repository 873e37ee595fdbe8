// What the gRPC side is told when it starts.
#ifndef CONVOY_SERVER_RPC_GRPC_SERVER_OPTIONS_H_
#define CONVOY_SERVER_RPC_GRPC_SERVER_OPTIONS_H_

#include <cstdint>
#include <string>

namespace convoy::rpc {

struct GrpcServerOptions {
  // host:port, [ipv6]:port or unix:path. Port 0 takes a free one.
  std::string address = "127.0.0.1:8001";
  // Threads that receive calls. One is best for up to a few cores: more compete
  // for the same sockets.
  int pollers = 1;
  // Largest request message; a larger one is refused with RESOURCE_EXHAUSTED.
  int64_t max_message_bytes = int64_t{64} << 20;
  // Largest output tensor; a request for more is refused the same way.
  int64_t max_response_bytes = int64_t{256} << 20;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_GRPC_SERVER_OPTIONS_H_
