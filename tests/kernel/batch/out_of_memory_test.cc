// Memory that runs out in the middle of a request: nothing is lost, nothing ends.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "kernel/batch/finish.h"
#include "kernel/batch/parts.h"
#include "kernel/batch/pooled_buffer.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/support/test_heap.h"

namespace convoy::batch {
namespace {

using ::convoy::testing::FailingAllocation;
using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;

// Runs `work` again and again, each time without memory for one allocation more than
// the last time, until it has enough; how often it had not.
int FailEverywhere(const std::function<void()>& work) {
  for (int failures = 0;; ++failures) {
    const FailingAllocation failing(failures);
    try {
      work();
      EXPECT_FALSE(failing.failed()) << "an allocation failed and nobody noticed";
      return failures;
    } catch (const std::bad_alloc&) {
    }
  }
}

TEST(OutOfMemoryTest, APoolWithoutMemoryHasNotChanged) {
  BufferPool pool(1 << 20);
  const BufferRef held = pool.Get(5000);
  const size_t used = pool.used_bytes();
  EXPECT_GT(FailEverywhere([&] {
              EXPECT_EQ(pool.used_bytes(), used);
              pool.Get(100'000);
            }),
            0);
  EXPECT_EQ(pool.used_bytes(), used);
  EXPECT_GT(pool.idle_bytes(), 0u);
}

TEST(OutOfMemoryTest, ABlockIsGivenBackWithoutMemory) {
  BufferPool pool(1 << 20);
  std::vector<BufferRef> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(pool.Get(4096));
  const FailingAllocation failing(0);
  for (BufferRef& block : blocks) block.Reset();
  EXPECT_FALSE(failing.failed());
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.idle_bytes(), 20u * 4096);
}

TEST(OutOfMemoryTest, BlocksThatWereGivenBackAreHandedOutAgain) {
  BufferPool pool(1 << 20);
  { const BufferRef one = pool.Get(4096), two = pool.Get(4096), other = pool.Get(9000); }
  const FailingAllocation failing(0);
  const BufferRef one = pool.Get(4096), two = pool.Get(4096), other = pool.Get(9000);
  EXPECT_NE(one->data(), two->data());
  EXPECT_FALSE(failing.failed());
  EXPECT_EQ(pool.idle_bytes(), 0u);
}

TEST(OutOfMemoryTest, ARequestThatCannotBeCutStaysWhole) {
  Random random(1);
  const auto layer = LayerOf({.filters = 2, .window = {.kernel_size = 3}}, 2, random);
  const auto request = MakeRequest(*layer, 3, 50, RandomFloats(random, 300), 5, random);
  const size_t pieces = request->input.payload.size();
  EXPECT_GT(FailEverywhere([&] { EXPECT_GT(Cut(*layer, request->input, 9).size(), 1u); }), 1);
  EXPECT_EQ(request->input.payload.size(), pieces);
}

TEST(OutOfMemoryTest, AnAnswerThatCannotBeFinishedGivesItsMemoryBack) {
  Random random(1);
  layer::Conv1DConfig config = {.filters = 4,
                                .activation = layer::ActivationFromName("log_softmax").value()};
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    config.data_format = format;
    const auto layer = LayerOf(config, 1, random);
    const layer::InputShape shape = layer
                                        ->CheckInput(format == layer::DataFormat::kChannelsLast
                                                         ? std::vector<int64_t>{1, 20, 1}
                                                         : std::vector<int64_t>{1, 1, 20})
                                        .value();
    const std::vector<float> results = RandomFloats(random, 80);
    BufferPool pool(0);  // keeps nothing: each attempt allocates everything
    EXPECT_GT(FailEverywhere([&] {
                EXPECT_EQ(pool.used_bytes(), 0u);
                Finish<float>(*layer, shape, {0}, results.data(), pool);
              }),
              3);
    EXPECT_EQ(pool.used_bytes(), 0u);
  }
}

}  // namespace
}  // namespace convoy::batch
