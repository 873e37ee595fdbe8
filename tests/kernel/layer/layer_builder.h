// Layers and weights for the tests of this folder, from few words.
#ifndef CONVOY_TESTS_KERNEL_LAYER_LAYER_BUILDER_H_
#define CONVOY_TESTS_KERNEL_LAYER_LAYER_BUILDER_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/keras_json.h"
#include "kernel/layer/tensor.h"

namespace convoy::layer::testing {

inline Tensor FloatTensor(std::vector<int64_t> shape, const std::vector<float>& values) {
  Tensor tensor{.dtype = DType::kFloat32, .shape = std::move(shape)};
  tensor.data.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

// The layer of `config` (JSON of the arguments) on `channels` with `kernel`
// and, unless empty, `bias`.
inline absl::StatusOr<Conv1D> MakeLayer(const std::string& config, int64_t channels,
                                        const std::vector<float>& kernel,
                                        const std::vector<float>& bias = {}) {
  absl::StatusOr<Conv1DConfig> parsed = ParseConv1DConfig(nlohmann::json::parse(config));
  if (!parsed.ok()) return parsed.status();
  Conv1DWeights weights;
  weights.kernel =
      FloatTensor({parsed->window.kernel_size, channels / parsed->groups, parsed->filters}, kernel);
  if (!bias.empty()) weights.bias = FloatTensor({static_cast<int64_t>(bias.size())}, bias);
  return Conv1D::Build(*std::move(parsed), channels, std::move(weights));
}

}  // namespace convoy::layer::testing

#endif  // CONVOY_TESTS_KERNEL_LAYER_LAYER_BUILDER_H_
