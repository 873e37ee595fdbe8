// Puts a ModelInferResponse together without copying its tensor.
#ifndef CONVOY_SERVER_RPC_INFER_ENCODER_H_
#define CONVOY_SERVER_RPC_INFER_ENCODER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grpcpp/support/byte_buffer.h"
#include "inference/grpc_predict_v2.pb.h"
#include "kernel/layer/dtype.h"
#include "server/batching/task.h"
#include "server/metrics/request_report.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

// Where an answer's time went until it was encoded, and what it was computed with: the
// response parameters convoy_decode_seconds, convoy_queue_seconds and
// convoy_compute_seconds (double), convoy_request_parts, convoy_batch_parts and
// convoy_batch_frames (int64).
struct InferTiming {
  metrics::Stages stages;
  int64_t parts = 0;  // in which the request was computed
  batching::BatchFacts batch;
};

// What the answer says about its tensor.
struct InferAnswer {
  const registry::LiveVersion& version;
  const std::string& id;  // the request's
  layer::DType dtype = layer::DType::kFloat32;
  std::array<int64_t, 3> shape = {};
  // Told as the response parameter of that name, where the request asked.
  std::optional<double> activity_loss;
  // The same, as parameters of its own.
  std::optional<InferTiming> timing;
};

// Encodes one answer after another; the message keeps its memory in between.
//
// Not thread-safe. The answer does not depend on the encoder once it is made: it
// holds references to the output's buffer, released with its last slice.
class InferEncoder {
 public:
  // A slice with everything before the tensor, then the tensor's own memory.
  grpc::ByteBuffer Encode(const InferAnswer& answer, batching::TaskOutput output);

 private:
  void FillHeader(const InferAnswer& answer);

  inference::ModelInferResponse header_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_ENCODER_H_
