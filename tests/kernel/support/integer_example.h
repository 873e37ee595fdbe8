// Layers and signals of small integers: no order of summation rounds, so that
// answers can be compared to the bit.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_INTEGER_EXAMPLE_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_INTEGER_EXAMPLE_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"

namespace convoy::testing {

inline std::vector<float> RandomIntegers(Random& random, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(Between(random, -4, 4));
  return values;
}

// The layer of `config` with `inputs` channels per group.
inline std::shared_ptr<const layer::Conv1D> IntegerLayer(const layer::Conv1DConfig& config,
                                                         int64_t inputs, Random& random) {
  layer::Conv1DWeights weights;
  const int64_t taps = config.window.kernel_size;
  weights.kernel = FloatTensor({taps, inputs, config.filters},
                               RandomIntegers(random, taps * inputs * config.filters));
  if (config.use_bias) {
    weights.bias = FloatTensor({config.filters}, RandomIntegers(random, config.filters));
  }
  return std::make_shared<const layer::Conv1D>(
      layer::Conv1D::Build(config, inputs * config.groups, std::move(weights)).value());
}

// Any small layer.
inline std::shared_ptr<const layer::Conv1D> RandomIntegerLayer(Random& random) {
  return IntegerLayer(RandomLayer(random)->config(), Between(random, 1, 6), random);
}

// One input of a layer and its answer.
struct Example {
  std::unique_ptr<Request> request;
  std::vector<float> expected;
};

inline Example MakeExample(const layer::Conv1D& layer, int64_t sequences, int64_t length,
                           Random& random) {
  Example example;
  example.request = MakeRequest(layer, sequences, length,
                                RandomIntegers(random, sequences * length * layer.input_channels()),
                                static_cast<int>(Between(random, 0, 3)), random);
  const std::vector<double> expected =
      ReferenceConv1D(layer, example.request->input.shape, example.request->values).output;
  example.expected.assign(expected.begin(), expected.end());
  return example;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_INTEGER_EXAMPLE_H_
