#include "kernel/engine/tile/finite_tile.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/engine/tile/tile_factory.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Writes its mark and says how many frames it reads.
class MarkingTile : public CompiledTile {
 public:
  MarkingTile(int64_t outputs, int64_t source_frames, float mark)
      : CompiledTile({1, outputs}), source_frames_(source_frames), mark_(mark) {}

  absl::Status Run(const float*, float* target, TileScratch&) const override {
    *target = mark_;
    return absl::OkStatus();
  }
  int64_t source_frames() const override { return source_frames_; }
  size_t bytes() const override { return 100; }
  std::string Describe() const override { return "marks"; }

 private:
  const int64_t source_frames_;
  const float mark_;
};

constexpr float kRows = 1.0f;
constexpr float kPlain = 2.0f;

class FiniteTileTest : public ::testing::Test {
 protected:
  float RunOver(const FiniteTile& tile, const std::vector<float>& source) {
    float target = 0;
    EXPECT_TRUE(tile.Run(source.data(), &target, scratch_).ok());
    return target;
  }

  TileScratch scratch_;
};

TEST(AllFiniteTest, FindsAnInfinityOrNanAtAnyPlace) {
  for (const int64_t count : {1, 15, 16, 17, 100}) {
    std::vector<float> values(count, std::numeric_limits<float>::max());
    EXPECT_TRUE(AllFinite(values.data(), count));
    for (const float poison : {kInfinity, -kInfinity, kNan}) {
      for (int64_t i = 0; i < count; ++i) {
        const float kept = std::exchange(values[i], poison);
        EXPECT_FALSE(AllFinite(values.data(), count)) << i;
        values[i] = kept;
      }
    }
  }
}

TEST(AllFiniteTest, NoValuesAndTheSmallestAndLargestOnesAreFinite) {
  EXPECT_TRUE(AllFinite(nullptr, 0));
  const float values[] = {0.0f, -0.0f, std::numeric_limits<float>::denorm_min(),
                          std::numeric_limits<float>::lowest()};
  EXPECT_TRUE(AllFinite(values, 4));
}

TEST_F(FiniteTileTest, TheRowsRunUnlessSomethingTheyReadIsNotFinite) {
  // Three rows of two frames of two channels.
  const FiniteTile tile(std::make_unique<MarkingTile>(2, 3, kRows),
                        std::make_unique<MarkingTile>(4, 5, kPlain), 2, 2);
  EXPECT_EQ(tile.shape().outputs, 4);
  EXPECT_EQ(tile.source_frames(), 6);
  EXPECT_EQ(tile.bytes(), 200u);
  std::vector<float> source(13, 1.0f);
  EXPECT_EQ(RunOver(tile, source), kRows);
  source[12] = kNan;  // just behind what it reads
  EXPECT_EQ(RunOver(tile, source), kRows);
  source[11] = kInfinity;
  EXPECT_EQ(RunOver(tile, source), kPlain);
}

TEST_F(FiniteTileTest, AnswersAsTheReferenceAlsoWhereASequenceBesideItIsPoisoned) {
  layer::Conv1DConfig config;
  config.filters = 3;
  config.window.kernel_size = 7;
  config.window.strides = 2;
  Random random(3);
  const auto layer = LayerOf(config, 2, random);
  TileFactory factory(*layer);
  const auto tile = factory.Create({.fold = 4}, {1, 8}).value();
  const int64_t used = 7 * 2 + 7;
  for (const float poison : {0.5f, kInfinity, kNan}) {
    std::vector<float> source = RandomFloats(random, tile->source_frames() * 2);
    // What the rows read behind the windows belongs to somebody else.
    ASSERT_GT(tile->source_frames(), used);
    std::fill(source.begin() + used * 2, source.end(), poison);
    std::vector<float> target(8 * 3);
    ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch_).ok());
    const auto shape = layer->CheckInput({1, used, 2}).value();
    source.resize(used * 2);
    const testing::ReferenceResult expected = testing::ReferenceConv1D(*layer, shape, source);
    for (size_t i = 0; i < target.size(); ++i) {
      EXPECT_NEAR(target[i], expected.output[i], 1e-5 * expected.magnitude[i]);
    }
  }
}

}  // namespace
}  // namespace convoy::engine
