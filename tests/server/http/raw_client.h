// A caller of the HTTP port that sends what it likes, when it likes.
#ifndef CONVOY_TESTS_SERVER_HTTP_RAW_CLIENT_H_
#define CONVOY_TESTS_SERVER_HTTP_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace convoy::http {

class RawClient {
 public:
  // Not connected yet.
  RawClient() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {}
  explicit RawClient(int port) : RawClient() { Connect(port); }
  // To a Unix socket.
  explicit RawClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawClient() {
    if (socket_ >= 0) close(socket_);
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;

  void Connect(int port) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  // False when the server has closed.
  bool Send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  // Up to and with `end`, or all that came before the server closed.
  std::string ReadUntil(std::string_view end) const {
    std::string text;
    std::array<char, 1> byte;
    while (text.size() < end.size() || text.substr(text.size() - end.size()) != end) {
      if (recv(socket_, byte.data(), 1, 0) <= 0) break;
      text += byte[0];
    }
    return text;
  }

  // All that comes until the server closes.
  std::string ReadAll() const {
    std::string text;
    std::array<char, 65536> bytes;
    ssize_t count = 0;
    while ((count = recv(socket_, bytes.data(), bytes.size(), 0)) > 0) {
      text.append(bytes.data(), static_cast<size_t>(count));
    }
    return text;
  }

  int socket() const { return socket_; }

 private:
  int socket_;
};

}  // namespace convoy::http

#endif  // CONVOY_TESTS_SERVER_HTTP_RAW_CLIENT_H_
