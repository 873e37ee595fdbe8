// Everything a request must be before it may meet other callers' requests.
#ifndef CONVOY_SERVER_RPC_INFER_REQUEST_H_
#define CONVOY_SERVER_RPC_INFER_REQUEST_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/dtype.h"
#include "server/rpc/infer_decoder.h"
#include "server/rpc/infer_parameters.h"
#include "server/rpc/slice_cursor.h"

namespace convoy::rpc {

// A request that fits its layer.
struct InferRequest {
  layer::InputShape shape;
  // Of the input.
  layer::DType dtype = layer::DType::kFloat32;
  // Of the input tensor, in order. Points into the decoder that was checked.
  BytePieces payload;
  int64_t payload_bytes = 0;
  InferParameters parameters;
  // (N, O, F) or (N, F, O), by the layer's data_format.
  std::array<int64_t, 3> output_shape = {};
  layer::DType output_dtype = layer::DType::kFloat32;
  int64_t output_bytes = 0;
};

// Parameters of tensors are hints that other servers know; those that would
// change the meaning of the answer are refused, others ignored.
//   INVALID_ARGUMENT    names the field, what was expected and what came.
//   RESOURCE_EXHAUSTED  the answer would be larger than `max_response_bytes`.
absl::StatusOr<InferRequest> CheckInferRequest(InferDecoder& request, const layer::Conv1D& layer,
                                               int64_t max_response_bytes);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_REQUEST_H_
