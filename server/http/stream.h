// The bytes of one connection of the HTTP port.
#ifndef CONVOY_SERVER_HTTP_STREAM_H_
#define CONVOY_SERVER_HTTP_STREAM_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/descriptor.h"
#include "server/tls/session.h"

namespace convoy::http {

// A socket that does not block: plain, or with TLS. For one thread, which has SIGPIPE
// blocked. Owns the socket.
class Stream {
 public:
  // TLS with `certificates`; plain when there are none.
  explicit Stream(Descriptor socket, const tls::Certificates* certificates = nullptr);

  int socket() const { return socket_.get(); }

  // As recv(2): 0 when the peer sends no more; with errno EAGAIN for later.
  ssize_t Receive(char* bytes, size_t size);
  // Some bytes of the two, as one behind the other; -1 as send(2). What is to be tried
  // again must come with the same bytes.
  ssize_t Send(std::string_view first, std::string_view second);

  // The events that TLS waits for in place of those for which the caller would wait; 0
  // for none.
  uint32_t OwnEvents() const;

  // Nothing follows.
  void EndSending();
  // As recv(2), for bytes that nobody wants.
  ssize_t Discard();

  // See tls::Session.
  std::vector<std::string> ClientNames() const;
  bool is_tls() const { return tls_.has_value(); }

 private:
  Descriptor socket_;
  std::optional<tls::Session> tls_;
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_STREAM_H_
