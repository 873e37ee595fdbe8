#include "server/options/exposure.h"

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/base/host_port.h"

namespace convoy {
namespace {

bool IsBeyond(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return false;
  const absl::StatusOr<HostPort> parsed = ParseHostPort({address.data(), address.size()});
  if (!parsed.ok()) return true;
  const std::string& host = parsed->host;
  return !absl::StartsWith(host, "127.") && host != "::1" && host != "localhost";
}

bool IsExposed(const ServerOptions& options) {
  return IsBeyondLoopback(options.grpc.address) || IsBeyondLoopback(options.http_address);
}

}  // namespace

bool IsBeyondLoopback(std::string_view addresses) {
  const absl::string_view text(addresses.data(), addresses.size());
  for (const absl::string_view address : absl::StrSplit(text, ',')) {
    if (IsBeyond(address)) return true;
  }
  return false;
}

std::string ProblemOfExposure(const ServerOptions& options) {
  const access::AccessOptions& access = options.access;
  if (access.tokens.empty() || options.tls.on() || access.allow_plaintext_tokens) return "";
  if (!IsExposed(options)) return "";
  return "--tokens at an address beyond this machine needs --tls-cert and --tls-key, so that "
         "nobody reads tokens on the way, or --allow-plaintext-tokens behind a proxy that has TLS";
}

std::string WarningOfExposure(const ServerOptions& options) {
  if (!IsExposed(options)) return "";
  const bool asks = !options.access.tokens.empty() || !options.tls.client_ca.empty();
  if (options.tls.on() && asks) return "";
  if (options.tls.on()) {
    return "listening beyond this machine without tokens: whoever reaches the ports may do "
           "everything";
  }
  return asks ? "listening beyond this machine without TLS: whoever is on the way reads tokens and "
                "tensors"
              : "listening beyond this machine without TLS and without tokens: whoever reaches the "
                "ports may do everything, and whoever is on the way reads it";
}

}  // namespace convoy
