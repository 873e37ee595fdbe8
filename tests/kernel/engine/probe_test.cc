#include "kernel/engine/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel/engine/kernel_factory.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::testing::Each;
using ::testing::Truly;

// Runs another kernel, then spoils one of the values.
class SpoilingKernel : public TileKernel {
 public:
  SpoilingKernel(const TileKernel& kernel, size_t spoiled)
      : TileKernel(kernel.shape()), kernel_(kernel), spoiled_(spoiled) {}

  absl::Status Run(const float* source, float* target, Workspace& workspace) const override {
    const absl::Status status = kernel_.Run(source, target, workspace);
    target[spoiled_] += 0.01f;
    return status;
  }
  int64_t source_frames() const override { return kernel_.source_frames(); }
  size_t bytes() const override { return 0; }
  std::string Describe() const override { return "spoiling"; }

 private:
  const TileKernel& kernel_;
  const size_t spoiled_;
};

// Runs another kernel, and notes where it wrote.
class NotingKernel : public TileKernel {
 public:
  explicit NotingKernel(const TileKernel& kernel) : TileKernel(kernel.shape()), kernel_(kernel) {}

  absl::Status Run(const float* source, float* target, Workspace& workspace) const override {
    sources_.push_back(source);
    targets_.push_back(target);
    return kernel_.Run(source, target, workspace);
  }
  int64_t source_frames() const override { return kernel_.source_frames(); }
  size_t bytes() const override { return 0; }
  std::string Describe() const override { return "noting"; }

  const std::vector<const float*>& sources() const { return sources_; }
  const std::vector<float*>& targets() const { return targets_; }

 private:
  const TileKernel& kernel_;
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
  KernelFactory factory_{*layer_};
  batch::BufferPool pool_{1 << 20};
  Workspace workspace_{pool_};
};

TEST_F(ProbeTest, TimesEveryKernelThatIsRight) {
  for (const TileShape& shape : {TileShape{1, 9}, TileShape{3, 5}}) {
    const auto line = factory_.Create({}, shape).value();
    const auto image = factory_.Create({.spatial_dimensions = 2}, shape).value();
    Probe probe(*layer_, shape, workspace_);
    for (const double seconds : probe.Time({line.get(), image.get()})) {
      EXPECT_GT(seconds, 0.0);
      EXPECT_LT(seconds, 1.0);
    }
  }
}

// Stores that straddle cache lines take twice as long, and decide for another kernel.
TEST_F(ProbeTest, DataLiesAsInAServer) {
  const TileShape shape{1, 9};
  const auto line = factory_.Create({}, shape).value();
  const NotingKernel noting(*line);
  Probe probe(*layer_, shape, workspace_);
  (void)probe.Time({&noting});
  EXPECT_THAT(noting.sources(), Each(Truly(BeginsALine)));
  EXPECT_THAT(noting.targets(), Each(Truly(BeginsALine)));
}

TEST_F(ProbeTest, NoKernelWritesWhereTheOneBeforeDid) {
  const TileShape shape{1, 9};
  const auto line = factory_.Create({}, shape).value();
  const NotingKernel noting(*line);
  Probe probe(*layer_, shape, workspace_);
  (void)probe.Time({&noting});
  const std::vector<float*>& targets = noting.targets();
  ASSERT_GT(targets.size(), 3u);
  EXPECT_EQ(std::adjacent_find(targets.begin(), targets.end()), targets.end());
}

TEST_F(ProbeTest, AWrongValueInTheFirstOrTheLastSequenceIsNotTrusted) {
  const TileShape shape{3, 5};
  const auto right = factory_.Create({}, shape).value();
  const SpoilingKernel first(*right, 0);
  const SpoilingKernel last(*right, 3 * 5 * 4 - 1);
  Probe probe(*layer_, shape, workspace_);
  const std::vector<double> seconds = probe.Time({&first, right.get(), &last});
  EXPECT_TRUE(std::isinf(seconds[0]));
  EXPECT_FALSE(std::isinf(seconds[1]));
  EXPECT_TRUE(std::isinf(seconds[2]));
}

}  // namespace
}  // namespace convoy::engine
