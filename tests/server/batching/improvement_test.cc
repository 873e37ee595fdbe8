#include "server/batching/improvement.h"

#include <gtest/gtest.h>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batching {
namespace {

// A layer whose callers bring a length for which no tile was made.
class ImprovementTest : public ::testing::Test {
 protected:
  std::shared_ptr<LayerHandle> MakeLayer(bool tune) {
    testing::Random random(3);
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 3;
    const auto layer = testing::LayerOf(config, 4, random);
    auto handle = std::make_shared<LayerHandle>(
        engine::CompiledLayer::Create(layer, {.tune = tune}).value(), nullptr);
    batch::BufferPool pool(0);
    engine::Workspace workspace(pool);
    const auto request =
        testing::MakeRequest(*layer, 1, 41, testing::RandomFloats(random, 41 * 4), 0, random);
    const batch::Input* const inputs[] = {&request->input};
    for (int i = 0; i < engine::ExactShapes::kOften; ++i) {
      batch::Output output;
      EXPECT_TRUE(handle->compiled().Run(inputs, absl::MakeSpan(&output, 1), workspace).ok());
    }
    return handle;
  }
};

TEST_F(ImprovementTest, ALayerThatHasRunAndWantsItIsDueOnce) {
  Improvement improvement;
  const auto wants = MakeLayer(true), not_tuned = MakeLayer(false);
  improvement.NoteBatch(not_tuned, 1);
  EXPECT_FALSE(improvement.is_due());
  EXPECT_EQ(improvement.Take(), nullptr);
  improvement.NoteBatch(wants, 1e-6);
  EXPECT_TRUE(improvement.is_due());
  EXPECT_EQ(improvement.Take(), wants);
  EXPECT_FALSE(improvement.is_due());
}

TEST_F(ImprovementTest, ItMayTakeSomeTimeAtFirstAndAPartOfItsBatchesTimeThen) {
  Improvement improvement;
  const auto layer = MakeLayer(true);
  improvement.NoteImproved(layer, 0.019);
  EXPECT_EQ(improvement.Take(), layer);
  improvement.NoteImproved(layer, 0.002);
  EXPECT_FALSE(improvement.is_due());
  improvement.NoteBatch(layer, 0.05);
  EXPECT_FALSE(improvement.is_due());
  improvement.NoteBatch(layer, 0.06);
  EXPECT_TRUE(improvement.is_due());
}

TEST_F(ImprovementTest, NothingIsDueAfterTheEnd) {
  Improvement improvement;
  const auto layer = MakeLayer(true);
  improvement.NoteBatch(layer, 1);
  improvement.Close();
  EXPECT_FALSE(improvement.is_due());
  improvement.NoteBatch(layer, 1);
  EXPECT_EQ(improvement.Take(), nullptr);
}

}  // namespace
}  // namespace convoy::batching
