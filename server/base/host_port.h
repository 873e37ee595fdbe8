// A TCP address as people write it.
#ifndef CONVOY_SERVER_BASE_HOST_PORT_H_
#define CONVOY_SERVER_BASE_HOST_PORT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy {

struct HostPort {
  std::string host;  // a name or a number; IPv6 without its brackets
  int port = 0;      // 0: any free one
};

// Reads "host:port" or "[ipv6]:port".
//   INVALID_ARGUMENT  names the address and what was expected.
absl::StatusOr<HostPort> ParseHostPort(std::string_view address);

// The reverse of ParseHostPort.
std::string ToString(const HostPort& address);

// `address` with another port; as it is where it has none.
std::string WithPort(const std::string& address, int port);

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_HOST_PORT_H_
