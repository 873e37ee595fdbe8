#include "server/rpc/message_bytes.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/support/slice.h"

namespace convoy::rpc {

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, size_t max_bytes,
                          google::protobuf::Message& message) {
  const std::string& name = message.GetDescriptor()->full_name();
  if (bytes.Length() > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(name, ": expected at most ", max_bytes, " bytes, got ", bytes.Length()));
  }
  grpc::Slice slice;
  if (!bytes.DumpToSingleSlice(&slice).ok() ||
      !message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": the message is truncated or malformed, or a string is not UTF-8"));
  }
  return absl::OkStatus();
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace convoy::rpc
