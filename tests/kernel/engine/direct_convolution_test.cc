#include "kernel/engine/direct_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"
#include "tests/kernel/support/window_of.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::RandomLayer;
using ::convoy::testing::WindowOf;

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
    // In two pieces.
    const DirectConvolution convolution(*layer);
    const int64_t first = Between(random, 0, shape->frames.output);
    convolution.Compute(*shape, {0, first}, input.data(), output.data());
    convolution.Compute(*shape, {first, shape->frames.output - first}, input.data(),
                        output.data() + first * config.filters);
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
  DirectConvolution(layer).Compute(layer.CheckInput({1, 2, 1}).value(), {0, 2}, input.data(),
                                   output.data());
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
  DirectConvolution(*layer).Compute(shape, {0, shape.frames.output}, input.data(), output.data());
  const testing::ReferenceResult expected = testing::ReferenceConv1D(*layer, shape, input);
  for (size_t i = 0; i < output.size(); ++i) {
    EXPECT_NEAR(output[i], expected.preactivation[i], 1e-12) << i;
  }
}

// Multiply-accumulates by trying every tap of every output frame.
double CountedWork(const layer::Conv1D& layer, const layer::InputShape& shape) {
  const layer::Window& window = layer.config().window;
  int64_t taps = 0;
  for (int64_t o = 0; o < shape.frames.output; ++o) {
    for (int64_t k = 0; k < window.kernel_size; ++k) {
      const int64_t t = o * window.strides + k * window.dilation_rate - shape.frames.pad_left;
      if (t >= 0 && t < shape.length) ++taps;
    }
  }
  return static_cast<double>(taps * layer.input_channels() / layer.config().groups *
                             layer.config().filters);
}

TEST(DirectConvolutionTest, WorkIsThatOfTheTapsInsideTheSequence) {
  Random random(7);
  for (int compared = 0; compared < 300;) {
    const auto layer = RandomLayer(random);
    const bool first = layer->config().data_format == layer::DataFormat::kChannelsFirst;
    const int64_t length = Between(random, 0, 100);
    const int64_t channels = layer->input_channels();
    const auto shape = layer->CheckInput({1, first ? channels : length, first ? length : channels});
    if (!shape.ok()) continue;
    ++compared;
    const double counted = CountedWork(*layer, *shape);
    const double told = DirectConvolution(*layer).SequenceWork(*shape);
    if (layer->config().window.kernel_size <= 64) {
      ASSERT_DOUBLE_EQ(told, counted);
    } else {
      ASSERT_NEAR(told, counted, 0.1 * counted + 2 * DirectConvolution(*layer).TapWork());
    }
  }
}

TEST(DirectConvolutionTest, WorkOfADilationMuchLongerThanTheSignalIsThatOfOneTap) {
  layer::Conv1DConfig config;
  config.filters = 3;
  config.window = WindowOf(5, 1, int64_t{1} << 40, {layer::PaddingMode::kCausal});
  Random random(5);
  const auto layer = LayerOf(config, 2, random);
  const DirectConvolution convolution(*layer);
  EXPECT_DOUBLE_EQ(convolution.SequenceWork(layer->CheckInput({1, 100, 2}).value()), 100 * 6);
}

}  // namespace
}  // namespace convoy::engine
