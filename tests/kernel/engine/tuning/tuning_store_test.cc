#include "kernel/engine/tuning/tuning_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

class TuningStoreTest : public ::testing::Test {
 protected:
  static layer::Conv1DConfig Config() {
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 5;
    return config;
  }
  testing::Random random_{1};
};

TEST_F(TuningStoreTest, AKeyTellsLayersApartByWhatDecidesTheirSpeedAlone) {
  std::set<std::string> keys = {TuningKey(*testing::LayerOf(Config(), 2, random_))};
  layer::Conv1DConfig relu = Config();
  relu.activation.kind = layer::ActivationKind::kRelu;
  relu.window.padding.mode = layer::PaddingMode::kSame;
  EXPECT_TRUE(keys.contains(TuningKey(*testing::LayerOf(relu, 2, random_))));

  std::vector<layer::Conv1DConfig> others(7, Config());
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
  EXPECT_TRUE(keys.insert(TuningKey(*testing::LayerOf(Config(), 3, random_))).second);
}

TEST_F(TuningStoreTest, TheMachineNamesTheLibraryAndTheInstructions) {
  EXPECT_THAT(TuningMachine(), ::testing::HasSubstr("oneDNN 3."));
  EXPECT_THAT(TuningMachine(), ::testing::HasSubstr("isa "));
  EXPECT_EQ(TuningMachine(), TuningMachine());
}

}  // namespace
}  // namespace convoy::engine
