// Connections to a server.
#ifndef CONVOY_CLIENT_CHANNEL_H_
#define CONVOY_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace convoy::client {

// How a channel is protected, and who calls over it.
struct Security {
  // TLS; off, the next four mean nothing.
  bool tls = false;
  // PEM: who signs servers' certificates; empty for those whom this machine trusts.
  std::string ca;
  // PEM: the caller's own certificate and its key, where the server asks for one.
  std::string certificate;
  std::string key;
  // The name that the server's certificate must have; empty for the target's host.
  std::string server_name;
  // Sent with every call, "NAME.SECRET"; empty for none. Without TLS everybody on the way
  // can read it.
  std::string token;
};

// Connects to `target` ("host:port", "unix:/path" or any other name gRPC
// resolves) and returns once the connection stands, which is no other channel's. Messages
// may be of any size. A loopback target never goes through an HTTP proxy.
//   UNAVAILABLE  nobody answers: at once when the connection is refused or the
//                name is unknown or no TLS comes about, otherwise after `deadline`.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& target,
                                                           absl::Duration deadline,
                                                           const Security& security = {});

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_CHANNEL_H_
