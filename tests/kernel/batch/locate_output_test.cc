#include "kernel/batch/locate_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batch {
namespace {

using ::convoy::testing::Floats;
using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kFilters = 2;

class LocateOutputTest : public ::testing::Test {
 protected:
  LocateOutputTest() : target_(pool_.Get(200 * kFilters * sizeof(float))) {
    float* floats = reinterpret_cast<float*>(target_->data());
    std::iota(floats, floats + 200 * kFilters, 0.0f);
  }

  std::shared_ptr<const layer::Conv1D> Layer(layer::DataFormat format) {
    layer::Conv1DConfig config;
    config.filters = kFilters;
    config.data_format = format;
    return LayerOf(config, 1, random_);
  }

  // The answer of sequences of `outputs` frames at `targets`.
  Output Answer(layer::DataFormat format, int64_t outputs, const std::vector<int64_t>& targets) {
    Placement placement;
    placement.sequences = static_cast<int64_t>(targets.size());
    placement.frames.output = outputs;
    return LocateOutput(*Layer(format), placement, targets, target_, pool_);
  }

  Random random_{8};
  BufferPool pool_{1 << 20};
  BufferRef target_;
};

TEST_F(LocateOutputTest, ChannelsLastAnswersLieInTheBatchsBuffer) {
  const Output output = Answer(layer::DataFormat::kChannelsLast, 2, {3, 10});
  EXPECT_EQ(output.buffer.get(), target_.get());
  ASSERT_THAT(output.pieces, SizeIs(2));
  EXPECT_EQ(output.pieces[0].data(), target_->data() + 3 * kFilters * sizeof(float));
  EXPECT_THAT(Floats(output), ElementsAre(6, 7, 8, 9, 20, 21, 22, 23));
}

TEST_F(LocateOutputTest, SequencesEndToEndAreOnePiece) {
  const Output output = Answer(layer::DataFormat::kChannelsLast, 2, {4, 6, 8});
  ASSERT_THAT(output.pieces, SizeIs(1));
  EXPECT_THAT(Floats(output), ElementsAre(8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
}

TEST_F(LocateOutputTest, ManyPiecesAreGatheredInABufferOfTheirOwn) {
  for (const size_t count : {15, 16, 17}) {
    std::vector<int64_t> targets;
    std::vector<float> expected;
    for (size_t i = 0; i < count; ++i) {
      targets.push_back(static_cast<int64_t>(3 * i));
      for (int64_t j = 0; j < 2 * kFilters; ++j) expected.push_back(6.0f * i + j);
    }
    const Output output = Answer(layer::DataFormat::kChannelsLast, 2, targets);
    EXPECT_EQ(output.pieces.size(), count <= 16 ? count : 1);
    EXPECT_EQ(output.buffer.get() == target_.get(), count <= 16);
    EXPECT_EQ(Floats(output), expected);
  }
}

TEST_F(LocateOutputTest, ChannelsFirstAnswersAreTurnedInABufferOfTheirOwn) {
  const Output output = Answer(layer::DataFormat::kChannelsFirst, 3, {1, 10});
  EXPECT_NE(output.buffer.get(), target_.get());
  ASSERT_THAT(output.pieces, SizeIs(1));
  EXPECT_THAT(Floats(output), ElementsAre(2, 4, 6, 3, 5, 7, 20, 22, 24, 21, 23, 25));
}

TEST_F(LocateOutputTest, NoSequencesAreAnEmptyTensor) {
  EXPECT_THAT(Floats(Answer(layer::DataFormat::kChannelsLast, 2, {})), IsEmpty());
  EXPECT_THAT(Floats(Answer(layer::DataFormat::kChannelsFirst, 2, {})), IsEmpty());
}

TEST_F(LocateOutputTest, AnAnswerKeepsTheBatchsBufferFromThePool) {
  Output output = Answer(layer::DataFormat::kChannelsLast, 2, {0});
  const size_t used = pool_.used_bytes();
  target_.Reset();
  EXPECT_EQ(pool_.used_bytes(), used);
  output.buffer.Reset();
  EXPECT_EQ(pool_.used_bytes(), 0u);
}

TEST_F(LocateOutputTest, ACopiedAnswerDoesNotKeepTheBatchsBuffer) {
  const Output output = Answer(layer::DataFormat::kChannelsFirst, 2, {0});
  const size_t target_bytes = target_->capacity();
  const size_t used = pool_.used_bytes();
  target_.Reset();
  EXPECT_EQ(pool_.used_bytes(), used - target_bytes);
  EXPECT_THAT(Floats(output), ElementsAre(0, 2, 1, 3));
}

}  // namespace
}  // namespace convoy::batch
