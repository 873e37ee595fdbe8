// Memory that runs out for one task is the error of that task.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "server/batching/task_parts.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/support/test_heap.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::FailingAllocation;

class OutOfMemoryTest : public ::testing::Test {
 protected:
  // A task cut into so many parts, each answered.
  void Answer(TaskParts& parts, int64_t count) {
    ASSERT_TRUE(parts.Cut(*compiled_, request_->input, count).ok());
    ASSERT_GT(parts.costs().size(), 1u);
    for (size_t i = 0; i < parts.costs().size(); ++i) {
      batch::Output output;
      output.buffer = pool_.Get(sizeof(float));
      output.pieces.push_back(batch::Bytes(output.buffer->data(), sizeof(float)));
      parts.SetOutput(i, std::move(output));
    }
  }

  testing::Random random_{3};
  std::shared_ptr<const layer::Conv1D> layer_ =
      testing::LayerOf({.filters = 2, .window = {.kernel_size = 3}}, 1, random_);
  std::unique_ptr<engine::CompiledLayer> compiled_ = engine::CompiledLayer::Create(layer_).value();
  std::unique_ptr<testing::Request> request_ =
      testing::MakeRequest(*layer_, 1, 500, testing::RandomFloats(random_, 500), 0, random_);
  batch::BufferPool pool_{0};
};

TEST_F(OutOfMemoryTest, ATaskThatCannotBeCutIsAnError) {
  for (int failures = 0;; ++failures) {
    TaskParts parts;
    const FailingAllocation failing(failures);
    const absl::Status cut = parts.Cut(*compiled_, request_->input, 9);
    EXPECT_EQ(cut.ok(), !failing.failed());
    EXPECT_TRUE(cut.ok() || absl::IsResourceExhausted(cut)) << cut;
    if (!failing.failed()) {
      EXPECT_GT(failures, 1);
      break;
    }
  }
}

TEST_F(OutOfMemoryTest, AnAnswerThatCannotBeJoinedIsAnErrorAndGivesItsMemoryBack) {
  for (int failures = 0;; ++failures) {
    TaskParts parts;
    Answer(parts, 9);
    const FailingAllocation failing(failures);
    const auto output = parts.TakeOutput();
    EXPECT_EQ(output.ok(), !failing.failed());
    if (!failing.failed()) {
      EXPECT_GT(failures, 1);
      break;
    }
    EXPECT_TRUE(absl::IsResourceExhausted(output.status())) << output.status();
    EXPECT_EQ(pool_.used_bytes(), 0u);
    EXPECT_TRUE(parts.costs().empty());
  }
}

}  // namespace
}  // namespace convoy::batching
