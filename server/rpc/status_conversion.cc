#include "server/rpc/status_conversion.h"

#include <string>

namespace convoy::rpc {
namespace {

// The bound of a full queue is measured in work of some hundred milliseconds;
// after a fraction of that a place is likely to be free.
constexpr char kRetryAfterMilliseconds[] = "50";
constexpr char kEllipsis[] = "...";

// Cuts at a character boundary: half a UTF-8 sequence breaks clients that decode.
std::string Cut(absl::string_view message) {
  size_t end = kMaxStatusMessageBytes - (sizeof(kEllipsis) - 1);
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return std::string(message.data(), end) + kEllipsis;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::string_view message = status.message();
  // Both enumerations carry the numbers of the protocol.
  return grpc::Status(
      static_cast<grpc::StatusCode>(status.code()),
      message.size() <= kMaxStatusMessageBytes ? std::string(message) : Cut(message));
}

void AddRetryHint(const absl::Status& refusal, grpc::ServerContext& context) {
  if (!absl::IsResourceExhausted(refusal)) return;
  context.AddTrailingMetadata(kRetryAfterTrailer, kRetryAfterMilliseconds);
}

}  // namespace convoy::rpc
