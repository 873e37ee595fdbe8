// A connection that gRPC serves, seen from outside.
#ifndef CONVOY_SERVER_RPC_CONNECTION_H_
#define CONVOY_SERVER_RPC_CONNECTION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "server/base/descriptor.h"

namespace convoy::rpc {

// A second descriptor of the socket: it stays valid when gRPC closes its own, so
// nothing that is done here can meet a socket that came after it.
//
// For one thread.
class Connection {
 public:
  // What has become of its bytes so far.
  struct Progress {
    uint64_t taken_bytes = 0;    // by gRPC, of what the peer sent
    uint64_t sent_bytes = 0;     // to the peer
    uint64_t waiting_bytes = 0;  // received, not taken yet
  };

  // Not ok() when there are no descriptors left.
  static Connection Of(int socket);

  bool ok() const { return descriptor_.ok(); }
  int fd() const { return descriptor_.get(); }

  // Nothing for a Unix socket.
  std::optional<Progress> progress() const;

  // "ip:port"
  std::string peer() const;

  // Ends the connection and drops what was not taken.
  void Cut() const;

 private:
  explicit Connection(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CONNECTION_H_
