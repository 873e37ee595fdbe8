// A connection that gRPC serves, seen from outside.
#ifndef CONVOY_SERVER_RPC_CONNECTION_H_
#define CONVOY_SERVER_RPC_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/base/descriptor.h"
#include "server/rpc/half_close.h"

namespace convoy::rpc {

// A second descriptor of the socket: it stays valid when gRPC closes its own, so
// nothing that is done here can meet a socket that came after it. As long as there is one,
// gRPC's end of the connection is the end of sending only, and the peer can read what
// was sent (HalfClose).
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

  // Not ok() when there are no descriptors left. `socket` is gRPC's until that closes it.
  static Connection Of(int socket);

  bool ok() const { return descriptor_.ok(); }
  int fd() const { return descriptor_.get(); }

  // Nothing for a Unix socket.
  std::optional<Progress> progress() const;

  // gRPC has ended it.
  bool ended() const { return half_close_->done(); }
  // Of what was sent, as far as the kernel knows: the bytes that have not reached the peer's
  // machine, or, on a Unix socket, the peer.
  int64_t unread_bytes() const;

  // "ip:port"
  std::string peer() const;
  // What its peer can hardly change: the address of IPv4, the first 64 bits of one of IPv6;
  // empty for a Unix socket.
  std::string source() const;

  // Ends the connection and drops what was not taken.
  void Cut() const;

  // Drops what has been received, or a good deal of it; returns how many bytes.
  // REQUIRES: gRPC has ended it.
  int64_t Drop() const;
  // Nothing more is sent; the peer still reads what was.
  void EndSending() const;
  // Nothing more is received either.
  void End() const;

 private:
  Connection(Descriptor descriptor, int socket);

  Descriptor descriptor_;
  std::unique_ptr<HalfClose> half_close_;  // of gRPC's descriptor
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CONNECTION_H_
