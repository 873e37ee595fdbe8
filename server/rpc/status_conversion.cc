#include "server/rpc/status_conversion.h"

#include <string>

#include "absl/strings/cord.h"
#include "server/batching/admission.h"

namespace convoy::rpc {
namespace {

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
  const auto milliseconds = refusal.GetPayload(batching::kRetryAfterPayload);
  if (!milliseconds.has_value()) return;
  context.AddTrailingMetadata(kRetryAfterTrailer, std::string(*milliseconds));
}

}  // namespace convoy::rpc
