#include "server/http/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/host_port.h"

namespace convoy::http {
namespace {

constexpr int kBacklog = 512;
constexpr std::string_view kUnix = "unix:";

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// The addresses that `wanted` stands for; none when its host is not known.
AddressList Resolve(const HostPort& wanted) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = absl::StrCat(wanted.port);
  if (getaddrinfo(wanted.host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
  return {found, freeaddrinfo};
}

// A socket that listens on `address`; -1, with errno, when it cannot.
int ListenOn(const sockaddr* address, socklen_t size) {
  const int listening = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listening < 0) return -1;
  // A restart need not wait for the old connections' last packets; a second server on
  // the port is refused all the same.
  const int on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listening, address, size) == 0 && listen(listening, kBacklog) == 0) return listening;
  const int error = errno;
  close(listening);
  errno = error;
  return -1;
}

int PortOf(int listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
  const in_port_t port = address.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                             : reinterpret_cast<const sockaddr_in*>(&address)->sin_port;
  return ntohs(port);
}

absl::Status CannotListen(const std::string& address, const std::string& why) {
  return absl::UnavailableError(absl::StrCat("http address ", address, ": cannot listen: ", why));
}

// True for the socket of a process that has ended: it refuses callers.
bool IsLeftBehind(const sockaddr_un& address) {
  struct stat file {};
  if (lstat(address.sun_path, &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  const int caller = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (caller < 0) return false;
  const bool refused =
      connect(caller, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno == ECONNREFUSED;
  close(caller);
  return refused;
}

// As ListenOn.
int ListenOnPath(const sockaddr_un& address) {
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  const int listening = ListenOn(any, sizeof(address));
  if (listening >= 0 || errno != EADDRINUSE) return listening;
  if (!IsLeftBehind(address)) {
    errno = EADDRINUSE;
    return -1;
  }
  unlink(address.sun_path);
  return ListenOn(any, sizeof(address));
}

}  // namespace

absl::StatusOr<ListeningSocket> ListeningSocket::Listen(const std::string& address) {
  if (address.starts_with(kUnix)) return ListenOnUnix(address);
  CONVOY_ASSIGN_OR_RETURN(const HostPort wanted, ParseHostPort(address));
  std::string why = "unknown host";
  const AddressList found = Resolve(wanted);
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    const int listening = ListenOn(each->ai_addr, each->ai_addrlen);
    if (listening >= 0) return ListeningSocket(listening, PortOf(listening), "");
    why = std::generic_category().message(errno);
  }
  return CannotListen(address, why);
}

absl::StatusOr<ListeningSocket> ListeningSocket::ListenOnUnix(const std::string& address) {
  std::string path = address.substr(kUnix.size());
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(target.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("http address ", address,
                                                   ": expected a path of 1 to ",
                                                   sizeof(target.sun_path) - 1, " bytes"));
  }
  path.copy(target.sun_path, path.size());
  const int listening = ListenOnPath(target);
  if (listening >= 0) return ListeningSocket(listening, 0, std::move(path));
  return CannotListen(address, std::generic_category().message(errno));
}

ListeningSocket::~ListeningSocket() { Close(); }

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      port_(other.port_),
      path_(std::move(other.path_)) {}

int ListeningSocket::Accept() const {
  const int socket = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int on = 1;
  // A Unix socket has no such delay, and refuses.
  if (socket >= 0) setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

void ListeningSocket::Close() {
  if (socket_ < 0) return;
  if (!path_.empty()) unlink(path_.c_str());
  close(socket_);
  socket_ = -1;
}

}  // namespace convoy::http
