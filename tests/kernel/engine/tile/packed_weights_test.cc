#include "kernel/engine/tile/packed_weights.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::dnnl::memory;

constexpr int64_t kTaps = 3;
constexpr int64_t kInputs = 2;
constexpr int64_t kFilters = 5;
constexpr auto kF32 = memory::data_type::f32;

class PackedWeightsTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const layer::Conv1D> MakeLayer() {
    layer::Conv1DConfig config;
    config.filters = kFilters;
    config.window.kernel_size = kTaps;
    testing::Random random(1);
    return testing::LayerOf(config, kInputs, random);
  }

  static memory::desc Format(memory::format_tag tag) {
    return {{kFilters, kInputs, kTaps}, kF32, tag};
  }

  const std::shared_ptr<const layer::Conv1D> layer_ = MakeLayer();
  // Keras' (K, C, F) in oneDNN's words.
  const memory::desc plain_ = Format(memory::format_tag::wio);
  const Problem problem_{*layer_};
  PackedWeights weights_{problem_};
};

TEST_F(PackedWeightsTest, EveryWeightIsWhereTheFormatSays) {
  const auto packed = weights_.InFormat(plain_, Format(memory::format_tag::oiw));
  const float* values = static_cast<const float*>(packed->get_data_handle());
  for (int64_t k = 0; k < kTaps; ++k) {
    for (int64_t c = 0; c < kInputs; ++c) {
      for (int64_t f = 0; f < kFilters; ++f) {
        EXPECT_EQ(values[(f * kInputs + c) * kTaps + k],
                  problem_.kernel()[(k * kInputs + c) * kFilters + f]);
      }
    }
  }
}

TEST_F(PackedWeightsTest, AFormatIsPackedOnce) {
  EXPECT_EQ(weights_.bytes(), 0u);
  const auto first = weights_.InFormat(plain_, Format(memory::format_tag::oiw));
  const size_t bytes = kTaps * kInputs * kFilters * sizeof(float);
  EXPECT_EQ(weights_.bytes(), bytes);
  EXPECT_EQ(weights_.InFormat(plain_, Format(memory::format_tag::oiw)), first);
  EXPECT_EQ(weights_.bytes(), bytes);
}

TEST_F(PackedWeightsTest, AnotherFormatLeavesTheFirstOneWhereItIs) {
  const auto first = weights_.InFormat(plain_, Format(memory::format_tag::oiw));
  const void* data = first->get_data_handle();
  const auto second = weights_.InFormat(plain_, Format(memory::format_tag::wio));
  EXPECT_NE(second, first);
  EXPECT_EQ(first->get_data_handle(), data);
  EXPECT_GT(weights_.bytes(), kTaps * kInputs * kFilters * sizeof(float));
}

TEST_F(PackedWeightsTest, AFormatThatNobodyHoldsIsGone) {
  weights_.InFormat(plain_, Format(memory::format_tag::oiw));
  EXPECT_EQ(weights_.bytes(), 0u);
  const auto held = weights_.InFormat(plain_, Format(memory::format_tag::oiw));
  EXPECT_GT(weights_.bytes(), 0u);
}

TEST_F(PackedWeightsTest, ThreadsThatAskAtOnceGetTheSameCopy) {
  std::vector<std::shared_ptr<const memory>> seen(4);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back(
        [&] { mine = weights_.InFormat(plain_, Format(memory::format_tag::oiw)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& each : seen) EXPECT_EQ(each, seen[0]);
}

}  // namespace
}  // namespace convoy::engine
