#include "server/batching/task_parts.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batching {
namespace {

class TaskPartsTest : public ::testing::Test {
 protected:
  TaskPartsTest() {
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 3;
    layer_ = testing::LayerOf(config, 4, random_);
    compiled_ = engine::CompiledLayer::Create(layer_).value();
    request_ =
        testing::MakeRequest(*layer_, 1, 1000, testing::RandomFloats(random_, 4000), 0, random_);
  }

  batch::Output OutputOf(float value) {
    batch::Output output;
    output.buffer = pool_.Get(sizeof(value));
    *reinterpret_cast<float*>(output.buffer->data()) = value;
    output.pieces.push_back(batch::Bytes(output.buffer->data(), sizeof(value)));
    return output;
  }

  testing::Random random_{3};
  std::shared_ptr<const layer::Conv1D> layer_;
  std::unique_ptr<engine::CompiledLayer> compiled_;
  std::unique_ptr<testing::Request> request_;
  batch::BufferPool pool_{0};
};

TEST_F(TaskPartsTest, AWholeIsOnePartWithItsOwnInput) {
  TaskParts parts;
  parts.SetWhole(request_->input, {.seconds = 5, .bytes = 7});
  ASSERT_EQ(parts.costs().size(), 1u);
  EXPECT_EQ(parts.costs()[0].seconds, 5);
  EXPECT_EQ(&parts.input(0), &request_->input);
  parts.SetOutput(0, OutputOf(3));
  EXPECT_EQ(testing::Floats(*parts.TakeOutput()), std::vector<float>{3});
  EXPECT_TRUE(parts.costs().empty());
}

TEST_F(TaskPartsTest, TheAnswerIsInTheOrderOfThePartsHoweverTheyEnd) {
  TaskParts parts;
  ASSERT_TRUE(parts.Cut(*compiled_, request_->input, 3).ok());
  ASSERT_EQ(parts.costs().size(), 3u);
  parts.SetOutput(2, OutputOf(2));
  parts.SetOutput(0, OutputOf(0));
  parts.SetOutput(1, OutputOf(1));
  EXPECT_EQ(testing::Floats(*parts.TakeOutput()), (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(pool_.used_bytes(), 0u);
}

TEST_F(TaskPartsTest, EachPartHasItsOwnCost) {
  TaskParts parts;
  ASSERT_TRUE(parts.Cut(*compiled_, request_->input, 4).ok());
  const PartCost whole = CostOf(*compiled_, request_->input);
  EXPECT_EQ(whole.bytes, 1000 * 4 * 4);
  EXPECT_EQ(whole.answer_bytes, 998 * 8 * 4);
  int64_t bytes = 0, answer_bytes = 0;
  for (size_t i = 0; i < parts.costs().size(); ++i) {
    EXPECT_EQ(parts.costs()[i].seconds, compiled_->EstimateSeconds(parts.input(i).shape));
    bytes += parts.costs()[i].bytes;
    answer_bytes += parts.costs()[i].answer_bytes;
  }
  // Neighbours read two frames together.
  EXPECT_EQ(bytes, whole.bytes + 3 * 2 * 4 * 4);
  EXPECT_EQ(answer_bytes, whole.answer_bytes);
}

TEST_F(TaskPartsTest, ItMayBeUsedAgain) {
  TaskParts parts;
  ASSERT_TRUE(parts.Cut(*compiled_, request_->input, 3).ok());
  parts.SetOutput(1, OutputOf(1));
  parts.Clear();
  EXPECT_EQ(pool_.used_bytes(), 0u);
  ASSERT_TRUE(parts.Cut(*compiled_, request_->input, 2).ok());
  parts.SetWhole(request_->input, {});
  EXPECT_EQ(parts.costs().size(), 1u);
  EXPECT_EQ(&parts.input(0), &request_->input);
}

}  // namespace
}  // namespace convoy::batching
