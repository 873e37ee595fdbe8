#include "server/rpc/message_bytes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/support/slice.h"
#include "server/base/catch_exceptions.h"
#include "server/rpc/message_slices.h"

namespace convoy::rpc {
namespace {

absl::Status Parse(const grpc::ByteBuffer& bytes, size_t max_bytes,
                   google::protobuf::Message& message) {
  const std::string& name = message.GetDescriptor()->full_name();
  std::vector<grpc::Slice> slices;
  if (const absl::Status taken = TakeSlices(bytes, max_bytes, slices); !taken.ok()) {
    return absl::Status(taken.code(), absl::StrCat(name, ": ", taken.message()));
  }
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  if (!message.ParseFromString(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": the message is truncated or malformed, or a string is not UTF-8"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, size_t max_bytes,
                          google::protobuf::Message& message) {
  return CatchExceptions([&] { return Parse(bytes, max_bytes, message); });
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace convoy::rpc
