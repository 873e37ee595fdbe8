#include "kernel/batch/packing.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "tests/kernel/support/window_of.h"

namespace convoy::batch {
namespace {

using ::convoy::testing::WindowOf;

layer::InputShape ShapeOf(const layer::Window& window, int64_t sequences, int64_t length) {
  return {sequences, length, window.FramesFor(length).value()};
}

// The distance of two sequences of `length` frames, in output positions.
int64_t Pitch(const layer::Window& window, int64_t length) {
  Packing packing(window);
  packing.Add(ShapeOf(window, 1, length));
  return packing.placements()[0].output_pitch;
}

TEST(PackingTest, SequencesOfOneRequestLieAtEqualDistances) {
  const layer::Window window = WindowOf(3, 1);
  Packing packing(window);
  packing.Add(ShapeOf(window, 4, 10));
  const Placement& placement = packing.placements()[0];
  EXPECT_EQ(placement.sequences, 4);
  EXPECT_EQ(placement.frames.output, 8);
  EXPECT_EQ(placement.first_output, 0);
  EXPECT_EQ(placement.output_pitch, 10);  // 8 of its own, 2 that straddle
  EXPECT_EQ(packing.outputs(), 40);
}

TEST(PackingTest, TheNextRequestBeginsWhereTheLastOneEnds) {
  const layer::Window window = WindowOf(3, 1);
  Packing packing(window);
  packing.Add(ShapeOf(window, 2, 10));
  packing.Add(ShapeOf(window, 1, 3));
  packing.Add(ShapeOf(window, 1, 5));
  EXPECT_EQ(packing.placements()[1].first_output, 20);
  EXPECT_EQ(packing.placements()[2].first_output, 23);
  EXPECT_EQ(packing.outputs(), 28);
}

TEST(PackingTest, ThePitchIsTheSpanRoundedUpToTheStride) {
  // One frame short of a multiple of the stride, exactly one, one frame over.
  EXPECT_EQ(Pitch(WindowOf(3, 4), 3), 1);
  EXPECT_EQ(Pitch(WindowOf(4, 4), 4), 1);
  EXPECT_EQ(Pitch(WindowOf(5, 4), 5), 2);
  // Frames that no window reaches need no room: 2 windows span 7 of 8 frames.
  EXPECT_EQ(Pitch(WindowOf(3, 4), 8), 2);
}

TEST(PackingTest, AStrideLongerThanTheKernelWastesNoOutput) {
  EXPECT_EQ(Pitch(WindowOf(1, 10), 95), 10);
  EXPECT_EQ(Pitch(WindowOf(2, 10), 92), 10);
}

TEST(PackingTest, ADilatedWindowTakesItsWholeExtent) {
  EXPECT_EQ(Pitch(WindowOf(3, 1, 5), 11), 11);
  EXPECT_EQ(Pitch(WindowOf(3, 1, 5), 15), 15);
}

TEST(PackingTest, TheLongestStrideDoesNotOverflow) {
  EXPECT_EQ(Pitch(WindowOf(2, std::numeric_limits<int64_t>::max()), 9), 1);
  EXPECT_EQ(Pitch(WindowOf(1, std::numeric_limits<int64_t>::max()), 9), 1);
}

TEST(PackingTest, ARequestWithoutOutputsTakesNoRoom) {
  layer::Window window = WindowOf(3, 1);
  window.padding.mode = layer::PaddingMode::kSame;
  Packing packing(window);
  packing.Add(ShapeOf(window, 5, 0));  // no frames
  packing.Add(ShapeOf(window, 0, 7));  // no sequences
  packing.Add(ShapeOf(window, 1, 7));
  EXPECT_EQ(packing.placements().size(), 3u);
  EXPECT_EQ(packing.placements()[0].output_pitch, 0);
  EXPECT_EQ(packing.placements()[2].first_output, 0);
  EXPECT_EQ(packing.outputs(), 9);
}

TEST(PackingTest, ResetForgetsThePlacementsAndTakesTheWindow) {
  Packing packing(WindowOf(3, 1));
  packing.Add(ShapeOf(WindowOf(3, 1), 2, 10));
  const layer::Window window = WindowOf(5, 2);
  packing.Reset(window);
  EXPECT_TRUE(packing.placements().empty());
  EXPECT_EQ(packing.outputs(), 0);
  packing.Add(ShapeOf(window, 1, 5));
  EXPECT_EQ(packing.placements()[0].first_output, 0);
  EXPECT_EQ(packing.placements()[0].output_pitch, 3);
}

// No kept window reads beyond its own sequence's room, and the room is the
// shortest that begins on the stride.
TEST(PackingTest, EveryWindowStaysInsideTheSmallestRoom) {
  std::mt19937 random(1);
  const auto between = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int round = 0; round < 5000; ++round) {
    layer::Window window = WindowOf(between(1, 9), between(1, 12), between(1, 4));
    constexpr layer::PaddingMode kModes[] = {layer::PaddingMode::kValid, layer::PaddingMode::kSame,
                                             layer::PaddingMode::kCausal,
                                             layer::PaddingMode::kExplicit};
    window.padding = {kModes[between(0, 3)], between(0, 40), between(0, 40)};
    const auto frames = window.FramesFor(between(0, 60));
    if (!frames.ok() || frames->output == 0) continue;
    Packing packing(window);
    packing.Add({1, 0, *frames});
    const int64_t room = packing.placements()[0].output_pitch * window.strides;
    const int64_t last = (frames->output - 1) * window.strides + window.extent();
    ASSERT_LE(last, room);
    ASSERT_LT(room - last, window.strides);
  }
}

}  // namespace
}  // namespace convoy::batch
