// What whole layers promise, of signals and kernels that are made to break it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tuning/tuning_memory.h"
#include "tests/kernel/engine/layer_run.h"
#include "tests/kernel/support/hard_values.h"
#include "tests/kernel/support/reference.h"
#include "tests/support/scale.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::Draw;
using ::convoy::testing::DrawKernel;
using ::convoy::testing::kHardKernels;
using ::convoy::testing::kHardSignals;
using ::convoy::testing::Kind;
using ::convoy::testing::Random;
using ::convoy::testing::Request;

// Knows of a layer that Toom-Cook is the fastest everywhere, where it may run.
class PrefersToomCook : public TuningStore {
 public:
  PrefersToomCook(const layer::Conv1D& layer, int points)
      : direct_key_(TuningKey(layer, Algorithm::kDirect)),
        direct_(EstimatedTiles(layer)),
        all_(direct_) {
    for (TimedTile& tile : all_) tile.statement = {.points = points};
  }

  std::optional<std::vector<TimedTile>> Find(const std::string& key) const override {
    return key == direct_key_ ? direct_ : all_;
  }
  void Keep(const std::string& /*key*/, const std::vector<TimedTile>& /*tuning*/) override {}

 private:
  const std::string direct_key_;
  const std::vector<TimedTile> direct_;
  std::vector<TimedTile> all_;
};

const Kind& OneOf(const std::vector<Kind>& kinds, Random& random) {
  return kinds[Between(random, 0, static_cast<int64_t>(kinds.size()) - 1)];
}

// One that Toom-Cook suits but for its values.
std::shared_ptr<const layer::Conv1D> LayerWith(const Kind& kernel, Random& random) {
  layer::Conv1DConfig config;
  const int64_t channels = 8 * Between(random, 4, 12);
  config.filters = 8 * Between(random, 4, 10);
  config.use_bias = false;
  config.window.kernel_size = Between(random, 2, 7);
  if (Between(random, 0, 1) == 0) config.window.dilation_rate = Between(random, 2, 20);
  constexpr layer::PaddingMode kModes[] = {layer::PaddingMode::kValid, layer::PaddingMode::kSame,
                                           layer::PaddingMode::kCausal};
  config.window.padding.mode = kModes[Between(random, 0, 2)];
  if (Between(random, 0, 3) == 0) config.data_format = layer::DataFormat::kChannelsFirst;
  layer::Conv1DWeights weights;
  weights.kernel = testing::FloatTensor(
      {config.window.kernel_size, channels, config.filters},
      DrawKernel(kernel.values, config.window.kernel_size, channels, config.filters, random));
  return std::make_shared<const layer::Conv1D>(
      *layer::Conv1D::Build(config, channels, std::move(weights)));
}

// The fewest or most points with which some outputs are left.
int PointsFor(const layer::Conv1D& layer, Random& random) {
  const int64_t taps = layer.config().window.kernel_size;
  const int least = taps < 4 ? 4 : taps < 6 ? 6 : 8;
  return least < 8 && Between(random, 0, 1) == 0 ? least + 2 : least;
}

class ExactnessTest : public testing::LayerRunTest {
 protected:
  void SetUp() override {
    if (!HasAvx2()) GTEST_SKIP() << "needs AVX2";
  }

  std::vector<std::unique_ptr<Request>> RequestsOf(const layer::Conv1D& layer, const Kind& signal,
                                                   Random& random) {
    std::vector<std::unique_ptr<Request>> requests;
    for (int64_t i = Between(random, 1, 3); i > 0; --i) {
      const int64_t sequences = Between(random, 0, 4) == 0 ? 2 : 1;
      const int64_t length = Between(random, 121, 400);  // longer than any window
      // Where channels lie side by side, so do the values of frames.
      const bool last = layer.config().data_format == layer::DataFormat::kChannelsLast;
      std::vector<float> values =
          Draw(signal.values, sequences * (last ? length : layer.input_channels()),
               last ? layer.input_channels() : length, random);
      requests.push_back(
          testing::MakeRequest(layer, sequences, length, std::move(values), 1, random));
    }
    return requests;
  }

  // The worst error over an output's own sum of absolute products.
  double WorstError(CompiledLayer& compiled,
                    const std::vector<std::unique_ptr<Request>>& requests) {
    const std::vector<std::vector<float>> answers = Run(compiled, requests);
    double worst = 0;
    for (size_t i = 0; i < requests.size(); ++i) {
      const testing::ReferenceResult expected =
          testing::ReferenceConv1D(compiled.layer(), requests[i]->input.shape, requests[i]->values);
      const std::vector<float>& answer = answers[i];
      EXPECT_EQ(answer.size(), expected.output.size());
      for (size_t k = 0; k < answer.size(); ++k) {
        // What float32 cannot say is not asked for.
        if (!(expected.magnitude[k] < std::numeric_limits<float>::max() / 2)) continue;
        const double error = std::abs(answer[k] - expected.output[k]) - 2e-42;
        if (error > 0) worst = std::max(worst, error / expected.magnitude[k]);
        if (std::isnan(error)) worst = std::numeric_limits<double>::infinity();
      }
    }
    return worst;
  }
};

TEST_F(ExactnessTest, HardSignalsAndKernelsKeepThePromiseWithAndWithoutToomCook) {
  constexpr double kPromise = 1e-5;
  std::array<double, 2> worst = {};
  uint64_t blocks = 0;
  uint64_t fell_back = 0;
  for (int i = 0; i < testing::Scaled(16, 2000); ++i) {
    Random random(static_cast<uint32_t>(i) + 20261128u);
    const Kind& kernel = OneOf(kHardKernels, random);
    const Kind& signal = OneOf(kHardSignals, random);
    const auto layer = LayerWith(kernel, random);
    const auto requests = RequestsOf(*layer, signal, random);
    PrefersToomCook store(*layer, PointsFor(*layer, random));
    TuningMemory memory(&store);
    for (const Algorithm algorithm : {Algorithm::kAuto, Algorithm::kDirect}) {
      const bool is_auto = algorithm == Algorithm::kAuto;
      const auto compiled = CompiledLayer::Create(
          layer,
          {.tune = is_auto, .tuning_seconds = 1e-4, .algorithm = algorithm, .memory = &memory});
      ASSERT_TRUE(compiled.ok()) << compiled.status();
      const double error = WorstError(**compiled, requests);
      EXPECT_LE(error, kPromise) << "layer " << i << ", " << (*compiled)->Describe()
                                 << ", kernel: " << kernel.name << ", signal: " << signal.name;
      worst[is_auto ? 0 : 1] = std::max(worst[is_auto ? 0 : 1], error);
      blocks += (*compiled)->block_counts().blocks;
      fell_back += (*compiled)->block_counts().fell_back;
    }
  }
  std::cout << "worst error: auto " << worst[0] << ", direct " << worst[1] << "; of " << blocks
            << " blocks " << fell_back << " fell back\n";
  // It is no comparison of direct convolutions with themselves.
  EXPECT_GT(blocks - fell_back, blocks / 20);
}

}  // namespace
}  // namespace convoy::engine
