#include "kernel/engine/tuning/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel/engine/tile/tile_factory.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::testing::Each;
using ::testing::Truly;

// Runs another tile, then spoils one of the values.
class SpoilingTile : public CompiledTile {
 public:
  SpoilingTile(const CompiledTile& tile, size_t spoiled)
      : CompiledTile(tile.shape()), tile_(tile), spoiled_(spoiled) {}

  absl::Status Run(const float* source, float* target, TileScratch& scratch) const override {
    const absl::Status status = tile_.Run(source, target, scratch);
    target[spoiled_] += 0.01f;
    return status;
  }
  int64_t source_frames() const override { return tile_.source_frames(); }
  size_t bytes() const override { return 0; }
  std::string Describe() const override { return "spoiling"; }

 private:
  const CompiledTile& tile_;
  const size_t spoiled_;
};

// Runs another tile, and notes where it wrote.
class NotingTile : public CompiledTile {
 public:
  explicit NotingTile(const CompiledTile& tile) : CompiledTile(tile.shape()), tile_(tile) {}

  absl::Status Run(const float* source, float* target, TileScratch& scratch) const override {
    sources_.push_back(source);
    targets_.push_back(target);
    return tile_.Run(source, target, scratch);
  }
  int64_t source_frames() const override { return tile_.source_frames(); }
  size_t bytes() const override { return 0; }
  std::string Describe() const override { return "noting"; }

  const std::vector<const float*>& sources() const { return sources_; }
  const std::vector<float*>& targets() const { return targets_; }

 private:
  const CompiledTile& tile_;
  mutable std::vector<const float*> sources_;
  mutable std::vector<float*> targets_;
};

bool BeginsALine(const float* floats) { return reinterpret_cast<uintptr_t>(floats) % 64 == 0; }

class ProbeTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const layer::Conv1D> MakeLayer() {
    layer::Conv1DConfig config;
    config.filters = 4;
    config.window.kernel_size = 3;
    config.window.strides = 2;
    testing::Random random(1);
    return testing::LayerOf(config, 3, random);
  }

  const std::shared_ptr<const layer::Conv1D> layer_ = MakeLayer();
  TileFactory factory_{*layer_};
  TileScratch scratch_;
};

TEST_F(ProbeTest, TimesEveryTileThatIsRight) {
  for (const TileShape& shape : {TileShape{1, 9}, TileShape{3, 5}}) {
    const auto line = factory_.Create({}, shape).value();
    const auto image = factory_.Create({.spatial_dimensions = 2}, shape).value();
    Probe probe(*layer_, shape, scratch_);
    for (const double seconds : probe.Time({line.get(), image.get()})) {
      EXPECT_GT(seconds, 0.0);
      EXPECT_LT(seconds, 1.0);
    }
  }
}

// Stores that straddle cache lines take twice as long, and decide for another tile.
TEST_F(ProbeTest, DataLiesAsInAServer) {
  const TileShape shape{1, 9};
  const auto line = factory_.Create({}, shape).value();
  const NotingTile noting(*line);
  Probe probe(*layer_, shape, scratch_);
  (void)probe.Time({&noting});
  EXPECT_THAT(noting.sources(), Each(Truly(BeginsALine)));
  EXPECT_THAT(noting.targets(), Each(Truly(BeginsALine)));
}

TEST_F(ProbeTest, NoTileWritesWhereTheOneBeforeDid) {
  const TileShape shape{1, 9};
  const auto line = factory_.Create({}, shape).value();
  const NotingTile noting(*line);
  Probe probe(*layer_, shape, scratch_);
  (void)probe.Time({&noting});
  const std::vector<float*>& targets = noting.targets();
  ASSERT_GT(targets.size(), 3u);
  EXPECT_EQ(std::adjacent_find(targets.begin(), targets.end()), targets.end());
}

TEST_F(ProbeTest, AWrongValueInTheFirstOrTheLastSequenceIsNotTrusted) {
  const TileShape shape{3, 5};
  const auto right = factory_.Create({}, shape).value();
  const SpoilingTile first(*right, 0);
  const SpoilingTile last(*right, 3 * 5 * 4 - 1);
  Probe probe(*layer_, shape, scratch_);
  const std::vector<double> seconds = probe.Time({&first, right.get(), &last});
  EXPECT_TRUE(std::isinf(seconds[0]));
  EXPECT_FALSE(std::isinf(seconds[1]));
  EXPECT_TRUE(std::isinf(seconds[2]));
}

}  // namespace
}  // namespace convoy::engine
