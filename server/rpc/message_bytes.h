// Whole messages to bytes and back, for methods that are not on the hot path.
#ifndef CONVOY_SERVER_RPC_MESSAGE_BYTES_H_
#define CONVOY_SERVER_RPC_MESSAGE_BYTES_H_

#include <google/protobuf/message.h>

#include <cstddef>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"

namespace convoy::rpc {

// Room for every name that a request may carry, and no more: what a caller sends
// beyond it is not read.
inline constexpr size_t kMaxSmallRequestBytes = 16 * 1024;

// Compressed ones are inflated.
//   INVALID_ARGUMENT    the bytes are not such a message.
//   RESOURCE_EXHAUSTED  there are more than `max_bytes`, or memory is out.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, size_t max_bytes,
                          google::protobuf::Message& message);

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_MESSAGE_BYTES_H_
