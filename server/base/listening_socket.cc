#include "server/base/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/host_port.h"

namespace convoy {
namespace {

constexpr char kUnixPrefix[] = "unix:";
constexpr size_t kUnixPrefixLength = sizeof(kUnixPrefix) - 1;

absl::Status Failed(const std::string& address, const std::string& why) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why));
}

absl::Status Failed(const std::string& address, int error) {
  return Failed(address, std::string(std::strerror(error)));
}

void SetFlag(int fd, int level, int name) {
  const int on = 1;
  setsockopt(fd, level, name, &on, sizeof(on));
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// What a host's name stands for.
absl::StatusOr<Addresses> Resolve(const HostPort& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return Failed(ToString(address), std::string(gai_strerror(error)));
  return Addresses(found, &freeaddrinfo);
}

// A machine without IPv6 (or IPv4) has names for it all the same.
bool FamilyIsMissing(int error) { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

int PortOf(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return address.ss_family == AF_INET6
             ? ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port)
             : ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void SetPort(int port, sockaddr* address) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(static_cast<uint16_t>(port));
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(static_cast<uint16_t>(port));
  }
}

// Returns no descriptor, and errno says why, when the address is not to be had.
Descriptor Listen(int family, const sockaddr* address, socklen_t size,
                  bool one_of_several = false) {
  Descriptor fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.ok()) return fd;
  if (family != AF_UNIX) {
    // A server that was just ended leaves connections that hold the port.
    SetFlag(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    // Every connection inherits it.
    SetFlag(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    // Alone, "::" stands for all addresses of IPv4 too.
    if (family == AF_INET6 && one_of_several) SetFlag(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  }
  const bool listens =
      bind(fd.get(), address, size) == 0 && listen(fd.get(), /*waiting callers=*/SOMAXCONN) == 0;
  return listens ? std::move(fd) : Descriptor();
}

// True for the socket of a process that has ended: it refuses callers.
bool IsLeftBehind(const sockaddr_un& address) {
  struct stat status = {};
  if (lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const Descriptor caller(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
         errno == ECONNREFUSED;
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (fd_.ok() && !path_.empty()) unlink(path_.c_str());
}

absl::StatusOr<std::vector<ListeningSocket>> ListeningSocket::Open(const std::string& address) {
  if (address.rfind(kUnixPrefix, 0) == 0) return OpenUnix(address.substr(kUnixPrefixLength));
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) return Failed(address, std::string(parsed.status().message()));
  const absl::StatusOr<Addresses> found = Resolve(*parsed);
  if (!found.ok()) return found.status();
  const bool several = (*found)->ai_next != nullptr;
  std::vector<ListeningSocket> sockets;
  int port = parsed->port;
  int missing = 0;
  for (const addrinfo* one = found->get(); one != nullptr; one = one->ai_next) {
    SetPort(port, one->ai_addr);
    Descriptor fd = Listen(one->ai_family, one->ai_addr, one->ai_addrlen, several);
    if (!fd.ok()) {
      if (!FamilyIsMissing(errno)) return Failed(address, errno);
      missing = errno;
      continue;
    }
    port = PortOf(fd.get());
    sockets.push_back(ListeningSocket(std::move(fd), port, ""));
  }
  if (!sockets.empty()) return sockets;
  // Where there is no IPv6, all addresses are those of IPv4.
  if (parsed->host == "::") return Open(ToString({"0.0.0.0", parsed->port}));
  return Failed(address, missing);
}

Descriptor ListeningSocket::Accept() const {
  return Descriptor(accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

bool ListeningSocket::IsExhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

absl::StatusOr<std::vector<ListeningSocket>> ListeningSocket::OpenUnix(const std::string& path) {
  const std::string shown = kUnixPrefix + path;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return Failed(shown, absl::StrCat("expected a path of 1 to ", sizeof(address.sun_path) - 1,
                                      " bytes, got ", path.size()));
  }
  path.copy(address.sun_path, path.size());
  if (IsLeftBehind(address)) unlink(path.c_str());
  Descriptor fd = Listen(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (!fd.ok()) return Failed(shown, errno);
  std::vector<ListeningSocket> sockets;
  sockets.push_back(ListeningSocket(std::move(fd), 0, path));
  return sockets;
}

}  // namespace convoy
