#include "kernel/batch/source_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batch {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::RandomLayer;
using ::convoy::testing::Request;

constexpr float kUntouched = 1e30f;

class SourceWriterTest : public ::testing::Test {
 protected:
  // A random batch of a random layer.
  void Fill() {
    layer_ = RandomLayer(random_);
    packing_.Reset(layer_->config().window);
    requests_.clear();
    inputs_.clear();
    for (int64_t i = Between(random_, 0, 5); i > 0; --i) {
      const int64_t sequences = Between(random_, 0, 3);
      const int64_t least = layer_->config().window.extent();
      const int64_t length = least + Between(random_, 0, 20);
      requests_.push_back(MakeRequest(
          *layer_, sequences, length,
          RandomFloats(random_, sequences * length * layer_->input_channels()), 2, random_));
      inputs_.push_back(&requests_.back()->input);
      packing_.Add(requests_.back()->input.shape);
    }
  }

  PackedSource SourceOf(std::vector<float>& packed) { return {*layer_, packed.data(), pool_}; }

  int64_t packed_frames() const { return packing_.outputs() * layer_->config().window.strides; }

  // What a writer makes of each placement, then zeros.
  std::vector<float> Expected(int64_t frames) {
    std::vector<float> packed(frames * layer_->input_channels(), 0.0f);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (packing_.placements()[i].output_pitch == 0) continue;
      PlacementWriter writer(SourceOf(packed), *inputs_[i], packing_.placements()[i]);
      writer.WriteUntil(writer.end());
    }
    return packed;
  }

  Random random_{3};
  std::shared_ptr<const layer::Conv1D> layer_;
  Packing packing_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<const Input*> inputs_;
  BufferPool pool_{0};
};

TEST_F(SourceWriterTest, WritesTheSameInAnyStepsAsAtOnce) {
  for (int round = 0; round < 300; ++round) {
    Fill();
    const int64_t frames = packed_frames() + Between(random_, 0, 9);
    const std::vector<float> expected = Expected(frames);
    std::vector<float> packed(expected.size(), kUntouched);
    SourceWriter writer(SourceOf(packed), inputs_, packing_);
    for (int64_t until = 0; until < frames;) {
      until = std::min(frames, until + Between(random_, 1, 12));
      writer.WriteUntil(until);
      const int64_t floats = until * layer_->input_channels();
      ASSERT_TRUE(std::equal(expected.begin(), expected.begin() + floats, packed.begin()))
          << "round " << round << ", until frame " << until << " of " << frames;
    }
    ASSERT_EQ(packed, expected);
  }
}

TEST_F(SourceWriterTest, WritesNoFurtherThanAskedForChannelsLast) {
  int looked = 0;
  while (looked < 50) {
    Fill();
    if (layer_->config().data_format != layer::DataFormat::kChannelsLast) continue;
    if (packed_frames() < 2) continue;
    ++looked;
    std::vector<float> packed(packed_frames() * layer_->input_channels(), kUntouched);
    SourceWriter writer(SourceOf(packed), inputs_, packing_);
    const int64_t until = packed_frames() / 2;
    writer.WriteUntil(until);
    const auto rest = packed.begin() + until * layer_->input_channels();
    EXPECT_TRUE(std::all_of(rest, packed.end(), [](float value) { return value == kUntouched; }));
  }
}

TEST_F(SourceWriterTest, AskingForLessAgainChangesNothing) {
  Fill();
  while (packed_frames() == 0) Fill();
  const std::vector<float> expected = Expected(packed_frames());
  std::vector<float> packed(expected.size(), kUntouched);
  SourceWriter writer(SourceOf(packed), inputs_, packing_);
  writer.WriteUntil(packed_frames());
  writer.WriteUntil(1);
  EXPECT_EQ(packed, expected);
}

}  // namespace
}  // namespace convoy::batch
