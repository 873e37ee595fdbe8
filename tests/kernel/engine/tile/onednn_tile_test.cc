#include "kernel/engine/tile/onednn_tile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/layer/reduced_precision.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"

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

class OnednnTileTest : public ::testing::Test {
 protected:
  // Any layer without padding, (T, C) and linear: what a tile computes.
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
  void ExpectNearReference(const layer::Conv1D& layer, const CompiledTile& tile,
                           layer::DType dtype = layer::DType::kFloat32) {
    const int64_t frames = Frames(layer, tile.shape().frames());
    std::vector<float> source = RandomFloats(random_, frames * layer.input_channels());
    layer::RoundTo(dtype, absl::MakeSpan(source));
    const size_t size = tile.shape().frames() * layer.config().filters;
    std::vector<float> target(size + 1, kUntouched);
    const absl::Status status = tile.Run(source.data(), target.data(), scratch_);
    ASSERT_TRUE(status.ok()) << status;
    const auto shape = layer.CheckInput({1, frames, layer.input_channels()}).value();
    const testing::ReferenceResult expected = testing::ReferenceConv1D(layer, shape, source);
    ASSERT_EQ(expected.output.size(), size);
    for (size_t i = 0; i < size; ++i) {
      ASSERT_NEAR(target[i], expected.output[i], 1e-5 * expected.magnitude[i] + 1e-30)
          << i << ", " << tile.Describe();
    }
    EXPECT_EQ(target[size], kUntouched);
  }

  static constexpr float kUntouched = 1e30f;
  Random random_{9};
  TileScratch scratch_;
};

TEST_F(OnednnTileTest, EveryStatementAgreesWithTheReference) {
  for (int round = 0; round < 60; ++round) {
    const auto layer = PlainLayer();
    const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
    const int64_t outputs = Between(random_, 1, 40);
    for (const int spatial : {1, 2}) {
      // Until oneDNN offers no further implementation, the slow ones at the end
      // included.
      for (int implementation = 0;; ++implementation) {
        ASSERT_LT(implementation, 100);
        const auto tile = OnednnTile::Create(stated, {spatial, implementation}, {1, outputs});
        if (!tile.ok()) {
          EXPECT_TRUE(absl::IsUnimplemented(tile.status())) << tile.status();
          EXPECT_GT(implementation, 0);
          break;
        }
        ASSERT_NO_FATAL_FAILURE(ExpectNearReference(*layer, **tile));
      }
    }
  }
}

// oneDNN keeps the code of some implementations for ever (PrimitiveOf).
TEST_F(OnednnTileTest, TilesThatAreGoneLeaveNothingBehind) {
  layer::Conv1DConfig config;
  config.filters = 3;  // no whole vector
  config.window.kernel_size = 3;
  const auto layer = LayerOf(config, 64, random_);
  const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
  const auto create = [&] { return OnednnTile::Create(stated, {1, 0}, {1, 50}).value(); };
  ASSERT_NO_FATAL_FAILURE(ExpectNearReference(*layer, *create()));
  const size_t before = mallinfo2().uordblks;
  for (int i = 0; i < 100; ++i) create();
  EXPECT_LT(mallinfo2().uordblks, before + 100 * 1000);
  ExpectNearReference(*layer, *create());
}

// With oneDNN's cache of primitives, the first implementation came again and
// again as soon as one tile of the shape existed.
TEST_F(OnednnTileTest, EveryFurtherImplementationIsAnotherOneThoughTilesOfTheShapeExist) {
  layer::Conv1DConfig config;
  config.filters = 16;
  config.window.kernel_size = 3;
  const auto layer = LayerOf(config, 16, random_);
  const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
  const auto first = OnednnTile::Create(stated, {1, 0}, {1, 5}).value();
  std::set<std::string> names;
  int implementations = 0;
  for (; implementations < 100; ++implementations) {
    const auto tile = OnednnTile::Create(stated, {1, implementations}, {1, 5});
    if (!tile.ok()) break;
    const std::string text = (*tile)->Describe();
    names.insert(text.substr(text.find(": ")));
  }
  EXPECT_GT(implementations, 1);
  EXPECT_EQ(names.size(), implementations);
}

TEST_F(OnednnTileTest, SaysHowManyImplementationsThereAreWhenAskedForMore) {
  const auto layer = PlainLayer();
  const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
  const auto tile = OnednnTile::Create(stated, {1, 1000}, {1, 4});
  EXPECT_TRUE(absl::IsUnimplemented(tile.status()));
  EXPECT_THAT(std::string(tile.status().message()), HasSubstr("asked for number 1001"));
}

TEST_F(OnednnTileTest, DescribesTheStatementAndTheImplementation) {
  const auto layer = PlainLayer();
  const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
  const auto line = OnednnTile::Create(stated, {1, 0}, {1, 4}).value();
  const auto image = OnednnTile::Create(stated, {2, 0}, {1, 4}).value();
  EXPECT_THAT(line->Describe(), StartsWith("1-D: "));
  EXPECT_THAT(image->Describe(), StartsWith("2-D: "));
  EXPECT_THAT(line->Describe(), HasSubstr(": "));
  EXPECT_EQ(line->shape().outputs, 4);
  EXPECT_EQ(line->source_frames(), Frames(*layer, 4));
  EXPECT_GT(line->bytes(), 0u);
}

TEST_F(OnednnTileTest, TilesOfOneLayerShareItsWeights) {
  const auto layer = PlainLayer();
  const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
  const auto first = OnednnTile::Create(stated, {1, 0}, {1, 64}).value();
  const size_t bytes = stated->weights.bytes();
  EXPECT_GT(bytes, 0u);
  const auto second = OnednnTile::Create(stated, {1, 0}, {1, 64}).value();
  EXPECT_EQ(stated->weights.bytes(), bytes);
}

// A straddling window may hold anything; the outputs beside it must not care.
TEST_F(OnednnTileTest, AFrameThatIsNotFiniteReachesOnlyTheWindowsThatSeeIt) {
  for (int round = 0; round < 60; ++round) {
    const auto layer = PlainLayer();
    const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
    const int spatial = round % 2 + 1;
    const int64_t outputs = Between(random_, 1, 40);
    const auto tile = OnednnTile::Create(stated, {spatial, 0}, {1, outputs}).value();
    const int64_t channels = layer->input_channels();
    const int64_t frames = Frames(*layer, outputs);
    std::vector<float> source(frames * channels, 0.0f);
    const int64_t poisoned = Between(random_, 0, frames - 1);
    std::fill_n(source.begin() + poisoned * channels, channels,
                round % 3 == 0 ? std::numeric_limits<float>::infinity()
                               : std::numeric_limits<float>::quiet_NaN());
    std::vector<float> target(outputs * layer->config().filters);
    ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch_).ok());
    const layer::Window& window = layer->config().window;
    for (int64_t o = 0; o < outputs; ++o) {
      const int64_t tap = poisoned - o * window.strides;
      const bool seen = tap >= 0 && tap < window.extent() && tap % window.dilation_rate == 0;
      for (int64_t f = 0; f < layer->config().filters; ++f) {
        const float expected = layer->bias().empty() ? 0.0f : layer->bias()[f];
        const float value = target[o * layer->config().filters + f];
        ASSERT_EQ(value == expected, !seen) << tile->Describe();
      }
    }
  }
}

// Dense sequences lie as packing puts them; what straddles two is not computed.
TEST_F(OnednnTileTest, SeveralSequencesAgreeWithEachAlone) {
  for (int round = 0; round < 60; ++round) {
    const auto layer = PlainLayer();
    const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
    const Statement statement{.spatial_dimensions = round % 2 + 1};
    const TileShape shape{Between(random_, 2, 5), Between(random_, 1, 20)};
    const auto dense = OnednnTile::Create(stated, statement, shape).value();
    const auto alone = OnednnTile::Create(stated, statement, {1, shape.outputs}).value();
    const int64_t channels = layer->input_channels();
    const std::vector<float> source = RandomFloats(random_, dense->source_frames() * channels);
    const int64_t filters = layer->config().filters;
    std::vector<float> together(shape.frames() * filters);
    ASSERT_TRUE(dense->Run(source.data(), together.data(), scratch_).ok());
    const int64_t step = batch::OutputPitch(layer->config().window, shape.outputs) *
                         layer->config().window.strides * channels;
    std::vector<float> apart(shape.outputs * filters);
    for (int64_t n = 0; n < shape.sequences; ++n) {
      ASSERT_TRUE(alone->Run(source.data() + n * step, apart.data(), scratch_).ok());
      for (size_t i = 0; i < apart.size(); ++i) {
        ASSERT_NEAR(together[n * apart.size() + i], apart[i], 1e-3) << dense->Describe();
      }
    }
  }
}

TEST_F(OnednnTileTest, WindowsThatDoNotOverlapAreAMatmul) {
  for (int round = 0; round < 40; ++round) {
    layer::Conv1DConfig config;
    config.filters = Between(random_, 1, 40);
    config.window.kernel_size = Between(random_, 1, 4);
    config.window.strides = config.window.kernel_size + Between(random_, 0, 2);
    config.use_bias = round % 3 != 0;
    const auto layer = LayerOf(config, Between(random_, 1, 40), random_);
    const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
    const auto tile = OnednnTile::Create(stated, {.matmul = true}, {1, Between(random_, 1, 40)});
    ASSERT_TRUE(tile.ok()) << tile.status();
    ASSERT_NO_FATAL_FAILURE(ExpectNearReference(*layer, **tile));
    EXPECT_THAT((*tile)->Describe(), StartsWith("matmul: "));
  }
}

TEST_F(OnednnTileTest, WindowsThatOverlapAreNoMatmul) {
  layer::Conv1DConfig config;
  config.filters = 4;
  config.window.kernel_size = 3;
  const auto layer = LayerOf(config, 2, random_);
  const auto stated = std::make_shared<StatedProblem>(Problem(*layer));
  const auto tile = OnednnTile::Create(stated, {.matmul = true}, {1, 4});
  EXPECT_TRUE(absl::IsInvalidArgument(tile.status()));
}

TEST_F(OnednnTileTest, Bfloat16StatementsAgreeWithTheReference) {
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
    const auto stated = std::make_shared<StatedProblem>(Problem(layer));
    const auto made = OnednnTile::Create(stated, statement, {1, Between(random_, 1, 40)});
    ASSERT_TRUE(made.ok()) << made.status();
    ExpectNearReference(layer, **made, layer::DType::kBfloat16);
  }
}

}  // namespace
}  // namespace convoy::engine
