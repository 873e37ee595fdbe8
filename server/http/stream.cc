#include "server/http/stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <utility>

namespace convoy::http {
namespace {

iovec Part(std::string_view bytes) {
  // sendmsg does not write to it.
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

Stream::Stream(Descriptor socket, const tls::Certificates* certificates)
    : socket_(std::move(socket)) {
  if (certificates != nullptr) tls_.emplace(*certificates, socket_.get());
}

ssize_t Stream::Receive(char* bytes, size_t size) {
  return tls_ ? tls_->Read(bytes, size) : recv(socket_.get(), bytes, size, 0);
}

ssize_t Stream::Send(std::string_view first, std::string_view second) {
  if (tls_) return tls_->Write(first.empty() ? second : first);
  std::array<iovec, 2> parts = {Part(first), Part(second)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
}

uint32_t Stream::OwnEvents() const {
  if (!tls_) return 0;
  switch (tls_->waits()) {
    case tls::Session::Waits::kToRead:
      return EPOLLIN;
    case tls::Session::Waits::kToWrite:
      return EPOLLOUT;
    case tls::Session::Waits::kNothing:
      break;
  }
  return 0;
}

void Stream::EndSending() {
  if (tls_) tls_->End();
  shutdown(socket_.get(), SHUT_WR);
}

ssize_t Stream::Discard() {
  std::array<char, 16384> buffer;
  return recv(socket_.get(), buffer.data(), buffer.size(), 0);
}

std::vector<std::string> Stream::ClientNames() const {
  return tls_ ? tls_->ClientNames() : std::vector<std::string>();
}

}  // namespace convoy::http
