// The seam between absl::Status, used inside, and grpc::Status, used outside.
#ifndef CONVOY_SERVER_RPC_STATUS_CONVERSION_H_
#define CONVOY_SERVER_RPC_STATUS_CONVERSION_H_

#include <cstddef>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

namespace convoy::rpc {

// A status message travels in the trailers, percent-encoded, and clients accept
// 8 KiB of those. Longer messages are cut and end in "...".
inline constexpr size_t kMaxStatusMessageBytes = 1024;

// Trailer of a call that was refused because a queue is full: milliseconds after
// which it is worth trying again.
inline constexpr char kRetryAfterTrailer[] = "retry-after-ms";

grpc::Status ToGrpcStatus(const absl::Status& status);

// Adds the retry hint to the trailers if the scheduler's refusal carries one
// (batching::kRetryAfterPayload).
// REQUIRES: the call was not finished yet.
void AddRetryHint(const absl::Status& refusal, grpc::ServerContext& context);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_STATUS_CONVERSION_H_
