#include "server/rpc/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>

#include "server/base/host_port.h"

namespace convoy::rpc {
namespace {

// Dropped in one go, in pieces of 16 KiB, before others have their turn.
constexpr int kPieces = 64;

// Of no family when there is no peer any more.
sockaddr_storage PeerOf(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    address.ss_family = AF_UNSPEC;
  }
  return address;
}

}  // namespace

Connection::Connection(Descriptor descriptor, int socket)
    : descriptor_(std::move(descriptor)), half_close_(std::make_unique<HalfClose>(socket)) {}

Connection Connection::Of(int socket) {
  return Connection(Descriptor(fcntl(socket, F_DUPFD_CLOEXEC, 0)), socket);
}

std::optional<Connection::Progress> Connection::progress() const {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  int waiting = 0;
  if (getsockopt(fd(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  if (ioctl(fd(), SIOCINQ, &waiting) != 0) return std::nullopt;
  const auto waiting_bytes = static_cast<uint64_t>(waiting);
  return Progress{info.tcpi_bytes_received - waiting_bytes, info.tcpi_bytes_sent, waiting_bytes};
}

int64_t Connection::unread_bytes() const {
  int bytes = 0;
  return ioctl(fd(), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

std::string Connection::peer() const {
  const sockaddr_storage address = PeerOf(fd());
  if (address.ss_family == AF_UNSPEC) return "unknown";
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &ip.sin_addr, text, sizeof(text));
    return ToString({text, ntohs(ip.sin_port)});
  }
  if (address.ss_family == AF_INET6) {
    const auto& ip = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &ip.sin6_addr, text, sizeof(text));
    return ToString({text, ntohs(ip.sin6_port)});
  }
  return "unix";
}

std::string Connection::source() const {
  const sockaddr_storage address = PeerOf(fd());
  if (address.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    return std::string(reinterpret_cast<const char*>(&ip), sizeof(ip));
  }
  if (address.ss_family != AF_INET6) return "";
  const in6_addr& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  // An address of IPv4 is in the last 32 bits.
  const size_t bytes = IN6_IS_ADDR_V4MAPPED(&ip) ? sizeof(ip) : sizeof(ip) / 2;
  return std::string(reinterpret_cast<const char*>(&ip), bytes);
}

void Connection::Cut() const {
  // Disconnecting drops what has been received and resets the connection; a
  // shutdown would let gRPC read the rest. (Linux: tcp_disconnect.)
  const sockaddr nobody = {.sa_family = AF_UNSPEC, .sa_data = {}};
  connect(fd(), &nobody, sizeof(nobody));
}

int64_t Connection::Drop() const {
  int64_t dropped = 0;
  std::array<char, 16 << 10> piece = {};
  for (int i = 0; i < kPieces; ++i) {
    const ssize_t count = recv(fd(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (count <= 0) break;
    dropped += count;
  }
  return dropped;
}

void Connection::EndSending() const { shutdown(fd(), SHUT_WR); }

void Connection::End() const { shutdown(fd(), SHUT_RDWR); }

}  // namespace convoy::rpc
