#include "server/base/host_port.h"

#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy {
namespace {

absl::Status Malformed(std::string_view address) {
  return absl::InvalidArgumentError(
      absl::StrCat("address \"", std::string(address),
                   "\": expected host:port or [ipv6]:port with a port of 0 to 65535"));
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return Malformed(address);
  std::string_view host = address.substr(0, colon);
  const std::string_view port_text = address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return Malformed(address);
  }
  int port = -1;
  const char* const end = port_text.data() + port_text.size();
  const auto [stop, error] = std::from_chars(port_text.data(), end, port);
  if (host.empty() || error != std::errc() || stop != end || port < 0 || port > 65535) {
    return Malformed(address);
  }
  return HostPort{std::string(host), port};
}

std::string ToString(const HostPort& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return absl::StrCat(ipv6 ? "[" : "", address.host, ipv6 ? "]:" : ":", address.port);
}

std::string WithPort(const std::string& address, int port) {
  absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) return address;  // a Unix socket
  parsed->port = port;
  return ToString(*parsed);
}

}  // namespace convoy
