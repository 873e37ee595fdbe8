#include "server/rpc/infer_request.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/protocol_names.h"
#include "server/rpc/quoted.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferRequest;
using InputTensor = ModelInferRequest::InferInputTensor;

// What Keras casts to a layer's compute dtype.
constexpr layer::DType kCastDTypes[] = {
    layer::DType::kFloat32, layer::DType::kFloat64, layer::DType::kFloat16, layer::DType::kBfloat16,
    layer::DType::kInt8,    layer::DType::kInt16,   layer::DType::kInt32,   layer::DType::kInt64,
    layer::DType::kUint8,   layer::DType::kUint16,  layer::DType::kUint32,  layer::DType::kUint64,
    layer::DType::kBool};

std::string AcceptedNames() {
  std::string names;
  for (const layer::DType dtype : kCastDTypes) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", std::string(ProtocolName(dtype)));
  }
  return names;
}

absl::StatusOr<const InputTensor*> CheckInputs(const ModelInferRequest& message) {
  if (message.inputs_size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("inputs: expected exactly one tensor, got ", message.inputs_size()));
  }
  const InputTensor& input = message.inputs(0);
  if (input.name() != kInputName) {
    return absl::InvalidArgumentError(
        absl::StrCat("inputs[0].name: expected \"", kInputName, "\", got ", Quoted(input.name())));
  }
  CONVOY_RETURN_IF_ERROR(
      RefuseParameters("inputs[0]", input.parameters(), {"shared_memory_region"}));
  return &input;
}

absl::StatusOr<layer::DType> CheckDType(const InputTensor& input) {
  const std::optional<layer::DType> dtype = layer::FromProtocolName(input.datatype());
  if (!dtype ||
      std::find(std::begin(kCastDTypes), std::end(kCastDTypes), *dtype) == std::end(kCastDTypes)) {
    return absl::InvalidArgumentError(absl::StrCat("inputs[0].datatype: expected one of ",
                                                   AcceptedNames(), ", got ",
                                                   Quoted(input.datatype())));
  }
  return *dtype;
}

absl::StatusOr<layer::InputShape> CheckShape(const InputTensor& input, const layer::Conv1D& layer) {
  // The layer's message shows the whole shape; one of a million dimensions is
  // not worth showing.
  constexpr int kMaxShownDimensions = 16;
  if (input.shape_size() > kMaxShownDimensions) {
    return absl::InvalidArgumentError(
        absl::StrCat("inputs[0].shape: expected 3 dimensions, got ", input.shape_size()));
  }
  return layer.CheckInput(input.shape());
}

// The size in bytes of a tensor, or the largest number when it does not fit.
int64_t TensorBytes(int64_t sequences, int64_t length, int64_t channels, layer::DType dtype) {
  int64_t bytes = 0;
  if (sequences == 0 || length == 0) return 0;
  if (__builtin_mul_overflow(sequences, length, &bytes) ||
      __builtin_mul_overflow(bytes, channels, &bytes) ||
      __builtin_mul_overflow(bytes, layer::SizeOf(dtype), &bytes)) {
    return std::numeric_limits<int64_t>::max();
  }
  return bytes;
}

absl::Status CheckPayloadBytes(const char* field, int64_t expected, int64_t got) {
  if (expected == got) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": expected ", expected, " bytes, shape times element size, got ", got));
}

absl::Status TakeTypedContents(TypedContents& contents, InferRequest& request) {
  const int64_t elements = request.payload_bytes / layer::SizeOf(request.dtype);
  CONVOY_ASSIGN_OR_RETURN(const absl::Span<const std::byte> tensor,
                          contents.ToTensor(request.dtype, elements));
  if (!tensor.empty()) request.payload.push_back(tensor);
  return absl::OkStatus();
}

// REQUIRES: request.dtype and request.payload_bytes are those of the shape.
absl::Status TakePayload(InferDecoder& decoder, InferRequest& request) {
  if (decoder.raw_contents() == 0) return TakeTypedContents(decoder.typed_contents(), request);
  if (decoder.raw_contents() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "raw_input_contents: expected one entry for one input, got ", decoder.raw_contents()));
  }
  if (!decoder.typed_contents().empty()) {
    return absl::InvalidArgumentError(
        "inputs[0].contents: expected no elements beside raw_input_contents, got both");
  }
  CONVOY_RETURN_IF_ERROR(CheckPayloadBytes("raw_input_contents[0]", request.payload_bytes,
                                           static_cast<int64_t>(decoder.raw_bytes())));
  request.payload = decoder.raw_pieces();
  return absl::OkStatus();
}

absl::Status CheckOutputs(const ModelInferRequest& message) {
  if (message.outputs_size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("outputs: expected at most one, got ", message.outputs_size()));
  }
  for (const auto& output : message.outputs()) {
    if (output.name() != kOutputName) {
      return absl::InvalidArgumentError(absl::StrCat("outputs[0].name: expected \"", kOutputName,
                                                     "\", got ", Quoted(output.name())));
    }
    CONVOY_RETURN_IF_ERROR(RefuseParameters("outputs[0]", output.parameters(),
                                            {"shared_memory_region", "classification"}));
  }
  return absl::OkStatus();
}

absl::Status PlanOutput(const layer::Conv1D& layer, int64_t max_response_bytes,
                        InferRequest& request) {
  request.output_shape = layer.OutputShape(request.shape);
  const auto [sequences, second, third] = request.output_shape;
  request.output_dtype = request.parameters.output_dtype.value_or(layer.output_dtype());
  request.output_bytes = TensorBytes(sequences, second, third, request.output_dtype);
  if (request.output_bytes <= max_response_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("outputs[0]: expected at most ", max_response_bytes,
                   " bytes, the server's limit for an answer, this one would have ",
                   request.output_bytes, "; send fewer or shorter sequences per request"));
}

}  // namespace

absl::StatusOr<InferRequest> CheckInferRequest(InferDecoder& request, const layer::Conv1D& layer,
                                               int64_t max_response_bytes) {
  InferRequest checked;
  CONVOY_ASSIGN_OR_RETURN(checked.parameters, ReadInferParameters(request.message()));
  CONVOY_ASSIGN_OR_RETURN(const InputTensor* input, CheckInputs(request.message()));
  CONVOY_ASSIGN_OR_RETURN(checked.dtype, CheckDType(*input));
  CONVOY_ASSIGN_OR_RETURN(checked.shape, CheckShape(*input, layer));
  checked.payload_bytes = TensorBytes(checked.shape.sequences, checked.shape.length,
                                      layer.input_channels(), checked.dtype);
  CONVOY_RETURN_IF_ERROR(TakePayload(request, checked));
  CONVOY_RETURN_IF_ERROR(CheckOutputs(request.message()));
  CONVOY_RETURN_IF_ERROR(PlanOutput(layer, max_response_bytes, checked));
  return checked;
}

}  // namespace convoy::rpc
