#include "kernel/engine/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "kernel/engine/kernel_factory.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

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
