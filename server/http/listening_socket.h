// Where callers of the HTTP port arrive.
#ifndef CONVOY_SERVER_HTTP_LISTENING_SOCKET_H_
#define CONVOY_SERVER_HTTP_LISTENING_SOCKET_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace convoy::http {

// A TCP or Unix socket that listens. Owns it; movable.
class ListeningSocket {
 public:
  // `address` is "unix:" and a path, or as ParseHostPort reads it, port 0 being any free
  // one. A socket that a process left at the path and nobody listens on is replaced.
  //   INVALID_ARGUMENT  the address is malformed.
  //   UNAVAILABLE       it cannot be listened on; the message names it.
  static absl::StatusOr<ListeningSocket> Listen(const std::string& address);

  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;

  int socket() const { return socket_; }
  // Not 0, except for a Unix socket.
  int port() const { return port_; }

  // The next caller's socket, which does not block and sends small answers at once;
  // -1, with errno, when none waits or none can be taken.
  int Accept() const;

  // Frees the port, or removes the path.
  void Close();

 private:
  ListeningSocket(int socket, int port, std::string path)
      : socket_(socket), port_(port), path_(std::move(path)) {}
  static absl::StatusOr<ListeningSocket> ListenOnUnix(const std::string& address);

  int socket_;
  int port_;
  std::string path_;  // of a Unix socket
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_LISTENING_SOCKET_H_
