#include "client/infer_codec.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::client {
namespace {

absl::Status BrokenAnswer(const std::string& what) {
  return absl::InternalError(absl::StrCat("the server's answer breaks the protocol: ", what));
}

}  // namespace

absl::StatusOr<inference::ModelInferRequest> EncodeInferRequest(const std::string& layer,
                                                                const std::string& version,
                                                                const TensorView& input) {
  const absl::Status status = CheckTensor(input);
  if (!status.ok()) return status;
  if (static_cast<int64_t>(input.bytes.size()) > kMaxPayloadBytes) {
    return absl::InvalidArgumentError(absl::StrCat("input: expected at most ", kMaxPayloadBytes,
                                                   " bytes, got ", input.bytes.size()));
  }
  inference::ModelInferRequest request;
  request.set_model_name(layer);
  request.set_model_version(version);
  inference::ModelInferRequest::InferInputTensor* tensor = request.add_inputs();
  tensor->set_name("input");
  tensor->set_datatype(DTypeName(input.dtype));
  tensor->mutable_shape()->Add(input.shape.begin(), input.shape.end());
  request.add_raw_input_contents(input.bytes.data(), input.bytes.size());
  return request;
}

absl::StatusOr<Tensor> TakeOutput(inference::ModelInferResponse& response) {
  if (response.outputs_size() != 1 || response.raw_output_contents_size() != 1) {
    return BrokenAnswer(absl::StrCat("outputs: expected one with raw contents, got ",
                                     response.outputs_size(), " with ",
                                     response.raw_output_contents_size()));
  }
  const inference::ModelInferResponse::InferOutputTensor& meta = response.outputs(0);
  const absl::StatusOr<DType> dtype = DTypeFromName(meta.datatype());
  if (!dtype.ok()) return BrokenAnswer(std::string(dtype.status().message()));
  Tensor tensor{*dtype,
                {meta.shape().begin(), meta.shape().end()},
                std::move(*response.mutable_raw_output_contents(0))};
  const absl::Status status = CheckTensor(tensor.view());
  if (!status.ok()) return BrokenAnswer(std::string(status.message()));
  return tensor;
}

}  // namespace convoy::client
