// The bytes of a message as its sender meant them.
#ifndef CONVOY_SERVER_RPC_MESSAGE_SLICES_H_
#define CONVOY_SERVER_RPC_MESSAGE_SLICES_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"

namespace convoy::rpc {

// Puts the slices of `message` into `slices`: as they are, or inflated where the
// caller compressed it (gzip or deflate). gRPC hands messages over as they came and
// whatever their size: its own inflating knows no bound, and what it refuses itself
// nobody counts.
//   RESOURCE_EXHAUSTED  there are more than `max_bytes`, as sent or inflated; no more
//                       than those are inflated.
//   INVALID_ARGUMENT    it cannot be inflated.
absl::Status TakeSlices(const grpc::ByteBuffer& message, size_t max_bytes,
                        std::vector<grpc::Slice>& slices);

// Lets go of them; `slices` is empty then, and keeps its memory. They must not just be destroyed
// where nobody holds their message any more: gRPC 1.51 crashes then as soon as more messages are on
// their way than its memory quota allows. The memory of the last one wakes those that wait for
// some, which takes an ExecCtx, and destroying a grpc::Slice makes none. Destroying a message does.
void ReleaseSlices(std::vector<grpc::Slice>& slices);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_MESSAGE_SLICES_H_
