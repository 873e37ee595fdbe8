#include "kernel/engine/convolution_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernel/layer/reduced_precision.h"
#include "kernel/layer/reference.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::FloatTensor;
using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::RandomLayer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ConvolutionKernelTest : public ::testing::Test {
 protected:
  // Any layer without padding, (T, C) and linear: what a kernel computes.
  std::shared_ptr<const layer::Conv1D> PlainLayer() {
    const auto any = RandomLayer(random_);
    layer::Conv1DConfig config = any->config();
    config.window.padding = {};
    config.data_format = layer::DataFormat::kChannelsLast;
    config.activation = {};
    return LayerOf(config, any->input_channels(), random_);
  }

  static int64_t Frames(const layer::Conv1D& layer, int64_t outputs) {
    const layer::Window& window = layer.config().window;
    return (outputs - 1) * window.strides + window.extent();
  }

  // For a random source of numbers of `dtype`.
  void ExpectNearReference(const layer::Conv1D& layer, const TileKernel& kernel,
                           layer::DType dtype = layer::DType::kFloat32) {
    const int64_t frames = Frames(layer, kernel.outputs());
    std::vector<float> source = RandomFloats(random_, frames * layer.input_channels());
    layer::RoundTo(dtype, absl::MakeSpan(source));
    const size_t size = kernel.outputs() * layer.config().filters;
    std::vector<float> target(size + 1, kUntouched);
    const absl::Status status = kernel.Run(source.data(), target.data(), workspace_);
    ASSERT_TRUE(status.ok()) << status;
    const auto shape = layer.CheckInput({1, frames, layer.input_channels()}).value();
    const layer::ReferenceResult expected = layer::ReferenceConv1D(layer, shape, source);
    ASSERT_EQ(expected.output.size(), size);
    for (size_t i = 0; i < size; ++i) {
      ASSERT_NEAR(target[i], expected.output[i], 1e-5 * expected.magnitude[i] + 1e-30)
          << i << ", " << kernel.Describe();
    }
    EXPECT_EQ(target[size], kUntouched);
  }

  static constexpr float kUntouched = 1e30f;
  Random random_{9};
  batch::BufferPool pool_{1 << 24};
  Workspace workspace_{pool_};
};

TEST_F(ConvolutionKernelTest, EveryStatementAgreesWithTheReference) {
  for (int round = 0; round < 60; ++round) {
    const auto layer = PlainLayer();
    const Problem problem(*layer);
    PackedWeights weights(problem);
    const int64_t outputs = Between(random_, 1, 40);
    for (const int spatial : {1, 2}) {
      // Until oneDNN offers no further implementation, the slow ones at the end
      // included.
      for (int implementation = 0;; ++implementation) {
        ASSERT_LT(implementation, 100);
        const auto kernel =
            ConvolutionKernel::Create(problem, weights, {spatial, implementation}, outputs);
        if (!kernel.ok()) {
          EXPECT_TRUE(absl::IsUnimplemented(kernel.status())) << kernel.status();
          EXPECT_GT(implementation, 0);
          break;
        }
        ASSERT_NO_FATAL_FAILURE(ExpectNearReference(*layer, **kernel));
      }
    }
  }
}

// With oneDNN's cache of primitives, the first implementation came again and
// again as soon as one kernel of the shape existed.
TEST_F(ConvolutionKernelTest, EveryFurtherImplementationIsAnotherOneThoughKernelsOfTheShapeExist) {
  layer::Conv1DConfig config;
  config.filters = 16;
  config.window.kernel_size = 3;
  const auto layer = LayerOf(config, 16, random_);
  const Problem problem(*layer);
  PackedWeights weights(problem);
  const auto first = ConvolutionKernel::Create(problem, weights, {1, 0}, 5).value();
  std::set<std::string> names;
  int implementations = 0;
  for (; implementations < 100; ++implementations) {
    const auto kernel = ConvolutionKernel::Create(problem, weights, {1, implementations}, 5);
    if (!kernel.ok()) break;
    const std::string text = (*kernel)->Describe();
    names.insert(text.substr(text.find(": ")));
  }
  EXPECT_GT(implementations, 1);
  EXPECT_EQ(names.size(), implementations);
}

TEST_F(ConvolutionKernelTest, SaysHowManyImplementationsThereAreWhenAskedForMore) {
  const auto layer = PlainLayer();
  const Problem problem(*layer);
  PackedWeights weights(problem);
  const auto kernel = ConvolutionKernel::Create(problem, weights, {1, 1000}, 4);
  EXPECT_TRUE(absl::IsUnimplemented(kernel.status()));
  EXPECT_THAT(std::string(kernel.status().message()), HasSubstr("asked for number 1001"));
}

TEST_F(ConvolutionKernelTest, DescribesTheStatementAndTheImplementation) {
  const auto layer = PlainLayer();
  const Problem problem(*layer);
  PackedWeights weights(problem);
  const auto line = ConvolutionKernel::Create(problem, weights, {1, 0}, 4).value();
  const auto image = ConvolutionKernel::Create(problem, weights, {2, 0}, 4).value();
  EXPECT_THAT(line->Describe(), StartsWith("1-D: "));
  EXPECT_THAT(image->Describe(), StartsWith("2-D: "));
  EXPECT_THAT(line->Describe(), HasSubstr(": "));
  EXPECT_EQ(line->outputs(), 4);
  EXPECT_EQ(line->source_frames(), Frames(*layer, 4));
  EXPECT_GT(line->bytes(), 0u);
}

TEST_F(ConvolutionKernelTest, KernelsOfOneLayerShareItsWeights) {
  const auto layer = PlainLayer();
  const Problem problem(*layer);
  PackedWeights weights(problem);
  const auto first = ConvolutionKernel::Create(problem, weights, {1, 0}, 64).value();
  const size_t bytes = weights.bytes();
  EXPECT_GT(bytes, 0u);
  const auto second = ConvolutionKernel::Create(problem, weights, {1, 0}, 64).value();
  EXPECT_EQ(weights.bytes(), bytes);
}

// A straddling window may hold anything; the outputs beside it must not care.
TEST_F(ConvolutionKernelTest, AFrameThatIsNotFiniteReachesOnlyTheWindowsThatSeeIt) {
  for (int round = 0; round < 60; ++round) {
    const auto layer = PlainLayer();
    const Problem problem(*layer);
    PackedWeights weights(problem);
    const int spatial = round % 2 + 1;
    const int64_t outputs = Between(random_, 1, 40);
    const auto kernel = ConvolutionKernel::Create(problem, weights, {spatial, 0}, outputs).value();
    const int64_t channels = layer->input_channels();
    const int64_t frames = Frames(*layer, outputs);
    std::vector<float> source(frames * channels, 0.0f);
    const int64_t poisoned = Between(random_, 0, frames - 1);
    std::fill_n(source.begin() + poisoned * channels, channels,
                round % 3 == 0 ? std::numeric_limits<float>::infinity()
                               : std::numeric_limits<float>::quiet_NaN());
    std::vector<float> target(outputs * layer->config().filters);
    ASSERT_TRUE(kernel->Run(source.data(), target.data(), workspace_).ok());
    const layer::Window& window = layer->config().window;
    for (int64_t o = 0; o < outputs; ++o) {
      const int64_t tap = poisoned - o * window.strides;
      const bool seen = tap >= 0 && tap < window.extent() && tap % window.dilation_rate == 0;
      for (int64_t f = 0; f < layer->config().filters; ++f) {
        const float expected = layer->bias().empty() ? 0.0f : layer->bias()[f];
        const float value = target[o * layer->config().filters + f];
        ASSERT_EQ(value == expected, !seen) << kernel->Describe();
      }
    }
  }
}

TEST_F(ConvolutionKernelTest, Bfloat16StatementsAgreeWithTheReference) {
  if (!HasBfloat16()) GTEST_SKIP() << "this processor has neither AMX nor AVX512-BF16";
  for (int round = 0; round < 40; ++round) {
    const auto any = PlainLayer();
    // A float32 layer whose weights are bfloat16 numbers: its answers are not rounded.
    std::vector<float> kernel(any->kernel().begin(), any->kernel().end());
    layer::RoundTo(layer::DType::kBfloat16, absl::MakeSpan(kernel));
    layer::Conv1DConfig config = any->config();
    config.use_bias = false;
    layer::Conv1DWeights weights;
    weights.kernel = FloatTensor(layer::KernelShape(config, any->input_channels()), kernel);
    const auto layer =
        layer::Conv1D::Build(config, any->input_channels(), std::move(weights)).value();
    Statement statement = DefaultStatement(layer);
    statement.bfloat16 = true;
    const Problem problem(layer);
    PackedWeights packed(problem);
    const auto made =
        ConvolutionKernel::Create(problem, packed, statement, Between(random_, 1, 40));
    ASSERT_TRUE(made.ok()) << made.status();
    ExpectNearReference(layer, **made, layer::DType::kBfloat16);
  }
}

}  // namespace
}  // namespace convoy::engine
