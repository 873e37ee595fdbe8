// Connections to a server.
#ifndef CONVOY_CLIENT_CHANNEL_H_
#define CONVOY_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace convoy::client {

// Connects to `target` ("host:port", "unix:/path" or any other name gRPC
// resolves) and returns once the connection stands. Messages may be of any
// size. A loopback target never goes through an HTTP proxy.
//   UNAVAILABLE  nobody answers: at once when the connection is refused or the
//                name is unknown, otherwise after `deadline`.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& target,
                                                           absl::Duration deadline);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_CHANNEL_H_
