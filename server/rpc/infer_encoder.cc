#include "server/rpc/infer_encoder.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/map.h>

#include <chrono>

#include "absl/container/inlined_vector.h"
#include "grpcpp/support/slice.h"
#include "server/base/protocol_names.h"

namespace convoy::rpc {
namespace {

using google::protobuf::io::CodedOutputStream;

constexpr uint32_t kRawContentsTag =
    (inference::ModelInferResponse::kRawOutputContentsFieldNumber << 3) | 2;

// An id longer than this is not kept for reuse.
constexpr size_t kMaxReusedHeaderBytes = 1024;

// A slice over `piece` that holds one reference of the buffer.
grpc::Slice SliceOf(absl::Span<const std::byte> piece, const batch::BufferRef& buffer) {
  return grpc::Slice(
      const_cast<std::byte*>(piece.data()), piece.size(),
      [](void* shared) { static_cast<batch::PooledBuffer*>(shared)->Unref(); },
      buffer.Share().Release());
}

using Parameters = google::protobuf::Map<std::string, inference::InferParameter>;

void AddTiming(const InferTiming& timing, Parameters& parameters) {
  const auto seconds = [&](std::string_view name, std::chrono::nanoseconds time) {
    parameters[std::string(name)].set_double_param(std::chrono::duration<double>(time).count());
  };
  const auto count = [&](std::string_view name, int64_t number) {
    parameters[std::string(name)].set_int64_param(number);
  };
  seconds("convoy_decode_seconds", timing.stages.decode);
  seconds("convoy_queue_seconds", timing.stages.queue);
  seconds("convoy_compute_seconds", timing.stages.compute);
  count("convoy_request_parts", timing.parts);
  count("convoy_batch_parts", timing.batch.parts);
  count("convoy_batch_frames", timing.batch.frames);
}

}  // namespace

void InferEncoder::FillHeader(const InferAnswer& answer) {
  header_.set_model_name(answer.version.name);
  header_.set_model_version(answer.version.version_text);
  header_.set_id(answer.id);
  if (header_.parameters_size() > 0) header_.clear_parameters();
  if (answer.activity_loss.has_value()) {
    (*header_.mutable_parameters())[kActivityLossParameter].set_double_param(*answer.activity_loss);
  }
  if (answer.timing.has_value()) AddTiming(*answer.timing, *header_.mutable_parameters());
  inference::ModelInferResponse::InferOutputTensor& tensor =
      header_.outputs_size() == 0 ? *header_.add_outputs() : *header_.mutable_outputs(0);
  const std::string_view datatype = layer::ProtocolName(answer.dtype);
  tensor.set_name(kOutputName);
  tensor.set_datatype(datatype.data(), datatype.size());
  tensor.mutable_shape()->Assign(answer.shape.begin(), answer.shape.end());
}

grpc::ByteBuffer InferEncoder::Encode(const InferAnswer& answer, batching::TaskOutput output) {
  FillHeader(answer);
  size_t tensor_bytes = 0;
  batch::ForEachPiece(output, [&](const batch::Bytes& piece, const batch::BufferRef&) {
    tensor_bytes += piece.size();
  });

  const size_t message_bytes = header_.ByteSizeLong();
  grpc::Slice head(message_bytes + CodedOutputStream::VarintSize32(kRawContentsTag) +
                   CodedOutputStream::VarintSize64(tensor_bytes));
  auto* end = header_.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(head.begin()));
  end = CodedOutputStream::WriteTagToArray(kRawContentsTag, end);
  CodedOutputStream::WriteVarint64ToArray(tensor_bytes, end);

  absl::InlinedVector<grpc::Slice, 3> slices;
  slices.push_back(std::move(head));
  batch::ForEachPiece(output, [&](const batch::Bytes& piece, const batch::BufferRef& buffer) {
    if (!piece.empty()) slices.push_back(SliceOf(piece, buffer));
  });
  if (message_bytes > kMaxReusedHeaderBytes) header_ = inference::ModelInferResponse();
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace convoy::rpc
