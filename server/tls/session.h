// The server's side of one TLS connection.
#ifndef CONVOY_SERVER_TLS_SESSION_H_
#define CONVOY_SERVER_TLS_SESSION_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/tls/certificates.h"

struct ssl_st;

namespace convoy::tls {

// TLS over a socket that does not block. The handshake happens within the first calls of
// Read. Write lets the system send SIGPIPE: the calling thread must have it blocked.
//
// For one thread.
class Session {
 public:
  // What the last call could not go on without.
  enum class Waits { kNothing, kToRead, kToWrite };

  // `socket` stays the caller's and outlives the session.
  Session(const Certificates& certificates, int socket);

  // As recv(2) and send(2): 0 of Read when the peer sends no more, -1 with errno EAGAIN
  // for later, or another one when the connection is broken. A Write that is to be tried
  // again must come with the same bytes.
  ssize_t Read(char* bytes, size_t size);
  ssize_t Write(std::string_view bytes);

  Waits waits() const { return waits_; }

  // Tells the peer that nothing follows.
  void End();

  // The names of the client's verified certificate: its common name, and its alternative
  // names that are DNS names, URIs or mail addresses. Empty when it showed none.
  std::vector<std::string> ClientNames() const;

 private:
  ssize_t Result(int result);

  struct Free {
    void operator()(ssl_st* session) const;
  };

  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<ssl_st, Free> session_;
  Waits waits_ = Waits::kNothing;
  bool broken_ = false;
};

}  // namespace convoy::tls

#endif  // CONVOY_SERVER_TLS_SESSION_H_
