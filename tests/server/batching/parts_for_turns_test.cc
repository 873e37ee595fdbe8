#include "server/batching/parts_for_turns.h"

#include <gtest/gtest.h>

namespace convoy::batching {
namespace {

constexpr double kTurn = 2e-3;

layer::InputShape ShapeOf(int64_t sequences, int64_t outputs) {
  layer::InputShape shape;
  shape.sequences = sequences;
  shape.length = outputs;
  shape.frames.output = outputs;
  return shape;
}

// Seconds of tiles that cost `start` each and `frame` for each of their outputs.
auto Costs(double start, double frame, int64_t tile = 128) {
  return [=](const layer::InputShape& shape) {
    const int64_t tiles = (shape.frames.output + tile - 1) / tile;
    const double sequence =
        static_cast<double>(tiles) * start + static_cast<double>(shape.frames.output) * frame;
    return static_cast<double>(shape.sequences) * sequence;
  };
}

TEST(PartsForTurnsTest, ATaskOfATurnStaysWhole) {
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 100), kTurn, 0, Costs(0, 1e-5)), 1);
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 200), kTurn, 0, Costs(0, 1e-5)), 1);
}

TEST(PartsForTurnsTest, ALongerOneIsCutSoThatNoPartIsLonger) {
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 201), kTurn, 0, Costs(0, 1e-5)), 2);
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 10'000), kTurn, 0, Costs(0, 1e-5)), 50);
  EXPECT_EQ(PartsForTurns(ShapeOf(10, 1000), kTurn, 0, Costs(0, 1e-5)), 50);
}

TEST(PartsForTurnsTest, PartsThatWouldTakeMuchLongerTogetherAreFewer) {
  // 52 outputs of which each part reads a large kernel: 3.9 ms, or twice 2.4.
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 52), kTurn, 0, Costs(0.9e-3, 5.8e-5)), 1);
  // 6.1 ms: twice 3.5 is too much.
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 90), kTurn, 0, Costs(0.9e-3, 5.8e-5)), 1);
  // 8.2 ms in tiles of 32: five parts read the kernel five times in place of four.
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 128), kTurn, 0, Costs(0.2e-3, 5.8e-5, 32)), 5);
}

TEST(PartsForTurnsTest, FewFramesAreInFewerPartsThanAskedFor) {
  // 6 ms: a quarter has two frames, so there are three parts, which do no work twice.
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 6), 1.5e-3, 0, Costs(0, 1e-3)), 4);
  // The last of three parts has one frame only.
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 5), 2e-3, 0, Costs(0, 1e-3)), 3);
}

TEST(PartsForTurnsTest, OfALongSequenceTheKernelIsReadOftenAnyway) {
  const auto costs = Costs(0.9e-3, 5.8e-5);  // 8.3 ms per tile of 128
  const int64_t parts = PartsForTurns(ShapeOf(1, 128'000), kTurn, 0, costs);
  EXPECT_GE(parts, 500);
  EXPECT_LE(parts, 1100);
}

TEST(PartsForTurnsTest, BetweenSequencesItIsCutWithoutCost) {
  EXPECT_EQ(PartsForTurns(ShapeOf(2, 52), kTurn, 0, Costs(0.9e-3, 5.8e-5)), 2);
  EXPECT_EQ(PartsForTurns(ShapeOf(20, 52), kTurn, 0, Costs(0.9e-3, 5.8e-5)), 20);
}

TEST(PartsForTurnsTest, ThePartsOfTheLongestTaskAreBounded) {
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 1'000'000'000), kTurn, 0, Costs(0, 1e-5)), 4096);
}

// Of a kernel that reaches far each part reads much that its neighbours read too.
TEST(PartsForTurnsTest, PartsThatMostlyReadTheSameAreFewer) {
  const auto costs = Costs(0, 1e-5);
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 20'000), kTurn, 1e-4, costs), 100);
  EXPECT_EQ(PartsForTurns(ShapeOf(1, 20'000), kTurn, 1e-3, costs), 13);
  EXPECT_EQ(PartsForTurns(ShapeOf(4, 5000), kTurn, 1, costs), 4) << "sequences share nothing";
}

TEST(PartsForTurnsTest, AnEmptyTaskIsOne) {
  EXPECT_EQ(PartsForTurns(ShapeOf(0, 0), kTurn, 0, Costs(1, 1)), 1);
}

}  // namespace
}  // namespace convoy::batching
