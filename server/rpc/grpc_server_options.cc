#include "server/rpc/grpc_server_options.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"

namespace convoy::rpc {
namespace {

// A message is at most 2 GiB for protobuf; the rest is for its header.
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int>::max() - (int64_t{1} << 20);
constexpr double kMaxSeconds = 24 * 60 * 60;

template <typename T>
absl::Status CheckRange(const char* name, T value, T low, T high) {
  // Written so that NaN fails.
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": expected ", low, " to ", high, ", got ", value));
}

absl::Status CheckLimits(const ConnectionLimits& limits) {
  constexpr int kMost = 1'000'000;
  CONVOY_RETURN_IF_ERROR(CheckRange("max_connections", limits.max_connections, 1, kMost));
  CONVOY_RETURN_IF_ERROR(CheckRange("max_streams", limits.max_streams, 1, kMost));
  CONVOY_RETURN_IF_ERROR(
      CheckRange("max_header_bytes", limits.max_header_bytes, int64_t{1} << 10, int64_t{1} << 20));
  CONVOY_RETURN_IF_ERROR(
      CheckRange("handshake_seconds", limits.handshake_seconds, 0.001, kMaxSeconds));
  CONVOY_RETURN_IF_ERROR(
      CheckRange("keepalive_seconds", limits.keepalive_seconds, 0.0, kMaxSeconds));
  CONVOY_RETURN_IF_ERROR(CheckRange("keepalive_timeout_seconds", limits.keepalive_timeout_seconds,
                                    0.001, kMaxSeconds));
  CONVOY_RETURN_IF_ERROR(CheckRange("min_ping_seconds", limits.min_ping_seconds, 0.0, kMaxSeconds));
  CONVOY_RETURN_IF_ERROR(CheckRange("max_idle_seconds", limits.max_idle_seconds, 0.0, kMaxSeconds));
  CONVOY_RETURN_IF_ERROR(CheckRange("max_age_seconds", limits.max_age_seconds, 0.0, kMaxSeconds));
  return CheckRange("flood_milliseconds", limits.flood_milliseconds, 0, 60'000);
}

}  // namespace

absl::Status CheckOptions(const GrpcServerOptions& options) {
  CONVOY_RETURN_IF_ERROR(CheckRange("pollers", options.pollers, 1, 64));
  CONVOY_RETURN_IF_ERROR(
      CheckRange("max_message_bytes", options.max_message_bytes, int64_t{1}, kMaxMessageBytes));
  CONVOY_RETURN_IF_ERROR(
      CheckRange("max_response_bytes", options.max_response_bytes, int64_t{1}, kMaxMessageBytes));
  CONVOY_RETURN_IF_ERROR(CheckRange("max_received_bytes", options.max_received_bytes,
                                    int64_t{1} << 20, std::numeric_limits<int64_t>::max()));
  if (options.call_log.access != "off" && options.call_log.access != "all") {
    return absl::InvalidArgumentError("call_log.access: expected off or all, got another word");
  }
  CONVOY_RETURN_IF_ERROR(
      CheckRange("slow_seconds", options.call_log.slow_seconds, 0.0, kMaxSeconds));
  return CheckLimits(options.connections);
}

}  // namespace convoy::rpc
