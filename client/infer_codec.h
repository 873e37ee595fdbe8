// Tensors to and from the messages of ModelInfer.
#ifndef CONVOY_CLIENT_INFER_CODEC_H_
#define CONVOY_CLIENT_INFER_CODEC_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "client/tensor.h"
#include "inference/grpc_predict_v2.pb.h"

namespace convoy::client {

// Protobuf's limit for a message, less room for the fields around the payload.
inline constexpr int64_t kMaxPayloadBytes =
    std::numeric_limits<int32_t>::max() - (int64_t{1} << 20);

// One input named "input" with its bytes as raw contents. INVALID_ARGUMENT
// when CheckTensor refuses `input` or a message cannot carry it.
absl::StatusOr<inference::ModelInferRequest> EncodeInferRequest(const std::string& layer,
                                                                const std::string& version,
                                                                const TensorView& input);

// Moves the one output out of the answer. INTERNAL when the answer has not
// exactly one output with raw contents that fit its shape.
absl::StatusOr<Tensor> TakeOutput(inference::ModelInferResponse& response);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_INFER_CODEC_H_
