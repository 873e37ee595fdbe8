#include "kernel/engine/tuning/tuning_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/kernel/engine/tuning/small_config.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

class TuningStoreTest : public ::testing::Test {
 protected:
  testing::Random random_{1};
};

TEST_F(TuningStoreTest, AKeyTellsLayersApartByWhatDecidesTheirSpeedAlone) {
  std::set<std::string> keys = {TuningKey(*testing::LayerOf(SmallConfig(), 2, random_))};
  layer::Conv1DConfig relu = SmallConfig();
  relu.activation.kind = layer::ActivationKind::kRelu;
  relu.window.padding.mode = layer::PaddingMode::kSame;
  EXPECT_TRUE(keys.contains(TuningKey(*testing::LayerOf(relu, 2, random_))));

  std::vector<layer::Conv1DConfig> others(7, SmallConfig());
  others[0].filters = 10;
  others[1].window.kernel_size = 4;
  others[2].window.strides = 2;
  others[3].window.dilation_rate = 2;
  others[4].groups = 2;
  others[5].use_bias = false;
  others[6].dtype_policy.compute_dtype = layer::DType::kBfloat16;
  for (const layer::Conv1DConfig& config : others) {
    EXPECT_TRUE(keys.insert(TuningKey(*testing::LayerOf(config, 2, random_))).second);
  }
  EXPECT_TRUE(keys.insert(TuningKey(*testing::LayerOf(SmallConfig(), 3, random_))).second);
}

TEST_F(TuningStoreTest, TheMachineNamesTheLibraryAndTheInstructions) {
  EXPECT_THAT(TuningMachine(), ::testing::HasSubstr("oneDNN 3."));
  EXPECT_THAT(TuningMachine(), ::testing::HasSubstr("isa "));
  EXPECT_EQ(TuningMachine(), TuningMachine());
}

}  // namespace
}  // namespace convoy::engine
