#include "kernel/engine/direct_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::RandomLayer;

layer::Window WindowOf(int64_t kernel_size, int64_t strides, int64_t dilation_rate,
                       layer::Padding padding = {}) {
  layer::Window window;
  window.kernel_size = kernel_size;
  window.strides = strides;
  window.dilation_rate = dilation_rate;
  window.padding = padding;
  return window;
}

TEST(DirectConvolutionTest, AgreesWithTheReference) {
  Random random(6);
  for (int compared = 0; compared < 500;) {
    auto layer = RandomLayer(random);
    layer::Conv1DConfig config = layer->config();
    config.data_format = layer::DataFormat::kChannelsLast;
    config.activation = {};
    layer = LayerOf(config, layer->input_channels(), random);
    const auto shape = layer->CheckInput({1, Between(random, 0, 40), layer->input_channels()});
    if (!shape.ok()) continue;
    const std::vector<float> input = RandomFloats(random, shape->length * layer->input_channels());
    std::vector<float> output(shape->frames.output * config.filters, 1e30f);
    DirectConvolution(*layer, *shape, input.data(), output.data());
    const testing::ReferenceResult expected = testing::ReferenceConv1D(*layer, *shape, input);
    ASSERT_EQ(output.size(), expected.output.size());
    for (size_t i = 0; i < output.size(); ++i) {
      ASSERT_NEAR(output[i], expected.output[i], 1e-5 * expected.magnitude[i] + 1e-30);
    }
    ++compared;
  }
}

// Keras multiplies the zeros of the padding with the kernel: zero times infinity
// is not a number.
TEST(DirectConvolutionTest, AKernelThatIsNotFiniteMeetsThePaddingsZeros) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.use_bias = false;
  config.window = WindowOf(2, 1, 1, {layer::PaddingMode::kCausal});
  layer::Conv1DWeights weights;
  weights.kernel =
      convoy::testing::FloatTensor({2, 1, 1}, {std::numeric_limits<float>::infinity(), 1.0f});
  const auto layer = layer::Conv1D::Build(config, 1, std::move(weights)).value();
  const std::vector<float> input = {1.0f, 1.0f};
  std::vector<float> output(2);
  DirectConvolution(layer, layer.CheckInput({1, 2, 1}).value(), input.data(), output.data());
  EXPECT_TRUE(std::isnan(output[0]));
  EXPECT_EQ(output[1], std::numeric_limits<float>::infinity());
}

TEST(DirectConvolutionTest, AFloatLayerWithADoubleActivationKeepsItsBias) {
  layer::Conv1DConfig config;
  config.filters = 3;
  config.window = WindowOf(2, 1, 1);
  config.activation_layer =
      layer::ActivationLayer{.dtype_policy = {layer::DType::kFloat64, layer::DType::kFloat64}};
  Random random(5);
  const auto layer = LayerOf(config, 2, random);
  const layer::InputShape shape = layer->CheckInput({1, 4, 2}).value();
  const std::vector<float> floats = RandomFloats(random, 8);
  const std::vector<double> input(floats.begin(), floats.end());
  std::vector<double> output(shape.frames.output * config.filters);
  DirectConvolution<double>(*layer, shape, input.data(), output.data());
  const testing::ReferenceResult expected = testing::ReferenceConv1D(*layer, shape, input);
  for (size_t i = 0; i < output.size(); ++i) {
    EXPECT_NEAR(output[i], expected.preactivation[i], 1e-12) << i;
  }
}

}  // namespace
}  // namespace convoy::engine
