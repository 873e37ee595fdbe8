// What a request's parameters ask for.
#ifndef CONVOY_SERVER_RPC_INFER_PARAMETERS_H_
#define CONVOY_SERVER_RPC_INFER_PARAMETERS_H_

#include <google/protobuf/map.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/grpc_predict_v2.pb.h"
#include "kernel/layer/dtype.h"
#include "server/batching/task.h"

namespace convoy::rpc {

using ParameterMap = google::protobuf::Map<std::string, inference::InferParameter>;

struct InferParameters {
  // "activity_loss", a bool: the answer carries a parameter of the same name with
  // what the layer's activity_regularizer adds to the loss for this request.
  bool activity_loss = false;
  // "priority", a whole number as in other servers: 1 is the most urgent level, 0
  // asks for the default one, which is 2.
  int priority = batching::kDefaultPriority;
  // "convoy_timing", a bool: the answer carries where its time went (InferTiming).
  bool timing = false;
  // "timeout", microseconds: shortens the deadline; 0 asks for nothing.
  std::chrono::microseconds timeout = std::chrono::microseconds::max();
  // "convoy_output_datatype", "FP16" or "BF16": the answer's elements are rounded to it,
  // once.
  std::optional<layer::DType> output_dtype;
  // "convoy_convolution_only", a bool: Keras' convolution_op, without bias and activation.
  bool convolution_only = false;
  // "convoy_checksum", text: only the version with this checksum may answer. Empty: any.
  // Lives as long as the message.
  std::string_view checksum;
};

// Unknown names are ignored: clients of other servers send some.
//   INVALID_ARGUMENT  a known name with a value of another type or out of its range;
//                     a sequence_id, sequence_start or sequence_end with a value; an
//                     unknown name that begins with triton_ or convoy_, but for one
//                     about streams alone. Names the parameter, what was expected
//                     and what came.
absl::StatusOr<InferParameters> ReadInferParameters(const inference::ModelInferRequest& message);

// Whether the version with this checksum may answer.
//   FAILED_PRECONDITION  another one is asked for; says both.
absl::Status CheckChecksum(const InferParameters& parameters, std::string_view checksum);

// Refuses the named parameters of a tensor, which would change the meaning of the
// answer.
//   INVALID_ARGUMENT  names `field` and the parameter.
absl::Status RefuseParameters(const char* field, const ParameterMap& parameters,
                              std::initializer_list<const char*> unsupported);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_PARAMETERS_H_
