// Where callers connect.
#ifndef CONVOY_SERVER_BASE_LISTENING_SOCKET_H_
#define CONVOY_SERVER_BASE_LISTENING_SOCKET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/descriptor.h"

namespace convoy {

// A socket that listens and does not block. The file of a Unix socket is removed
// with it.
class ListeningSocket {
 public:
  // host:port, [ipv6]:port or unix:path. A name may stand for several sockets, of
  // IPv4 and IPv6, which have the same port; port 0 takes a free one. The file that
  // a server which is gone left at `path` is replaced.
  //   UNAVAILABLE  it cannot be listened on; names the address and the reason.
  static absl::StatusOr<std::vector<ListeningSocket>> Open(const std::string& address);

  ListeningSocket(ListeningSocket&&) = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int fd() const { return fd_.get(); }

  // The next caller's socket, which does not block; none, and errno says why, when
  // nobody waits or it cannot be taken.
  Descriptor Accept() const;
  // Whether `error` of Accept says that the system has nothing left for another caller,
  // who then goes on waiting.
  static bool IsExhausted(int error);

  // 0 for a Unix socket.
  int port() const { return port_; }

 private:
  ListeningSocket(Descriptor fd, int port, std::string path)
      : fd_(std::move(fd)), port_(port), path_(std::move(path)) {}

  static absl::StatusOr<std::vector<ListeningSocket>> OpenUnix(const std::string& path);

  Descriptor fd_;
  int port_;
  std::string path_;  // of a Unix socket
};

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_LISTENING_SOCKET_H_
