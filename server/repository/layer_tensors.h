// The tensors of a weights file, by name and as a layer takes them.
#ifndef CONVOY_SERVER_REPOSITORY_LAYER_TENSORS_H_
#define CONVOY_SERVER_REPOSITORY_LAYER_TENSORS_H_

#include <string>

#include "absl/status/statusor.h"
#include "kernel/layer/weights.h"
#include "server/repository/safetensors.h"

namespace convoy::repository {

//   INVALID_ARGUMENT  a tensor that no Conv1D has, or no kernel.
absl::StatusOr<layer::Conv1DWeights> TakeWeights(TensorMap&& tensors);

TensorMap TakeTensors(layer::Conv1DWeights&& weights);

// A safetensors file of these tensors: the bytes that ReadSafetensors reads.
std::string WriteSafetensors(const TensorMap& tensors);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_LAYER_TENSORS_H_
