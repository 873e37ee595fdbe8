#include "kernel/engine/plan/tile_lengths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace convoy::engine {
namespace {

using ::testing::ElementsAre;

TEST(TileLengthsTest, OneToEightThenFourAnOctave) {
  EXPECT_THAT(TileLengths(64),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64));
}

TEST(TileLengthsTest, TheLongestIsTheLastOneWhereverItLies) {
  EXPECT_THAT(TileLengths(1), ElementsAre(1));
  EXPECT_THAT(TileLengths(2), ElementsAre(1, 2));
  // Just before a length of the series, on it, and just behind it.
  EXPECT_THAT(TileLengths(9), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(TileLengths(10), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 10));
  EXPECT_THAT(TileLengths(11), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 10, 11));
}

TEST(TileLengthsTest, LengthsAscendByAQuarterAtMost) {
  for (const int64_t longest : {64, 100, 1000, 1024, 5000}) {
    const std::vector<int64_t> lengths = TileLengths(longest);
    EXPECT_EQ(lengths.back(), longest);
    for (size_t i = 8; i < lengths.size(); ++i) {
      EXPECT_GT(lengths[i], lengths[i - 1]);
      EXPECT_LE(lengths[i] * 4, lengths[i - 1] * 5);
    }
  }
}

TEST(LongestTileTest, IsAMultipleOf64Between128And2048) {
  for (double work = 1; work < 1e12; work *= 3) {
    for (double floats = 1; floats < 1e9; floats *= 3) {
      const int64_t tile = LongestTile(work, floats);
      EXPECT_EQ(tile % 64, 0);
      EXPECT_GE(tile, 128);
      EXPECT_LE(tile, 2048);
    }
  }
}

TEST(LongestTileTest, HeavyFramesMakeShortTilesAndLightOnesLongTiles) {
  EXPECT_EQ(LongestTile(1, 2), 2048);
  EXPECT_EQ(LongestTile(1e9, 1e6), 128);
  EXPECT_GT(LongestTile(80000, 1e6), LongestTile(160000, 1e6));
  EXPECT_GT(LongestTile(1e9, 300), LongestTile(1e9, 600));
}

TEST(LongestTileTest, NoWorkAndEndlessWorkStayInBounds) {
  EXPECT_EQ(LongestTile(0, 0), 2048);
  EXPECT_EQ(LongestTile(std::numeric_limits<double>::max(), std::numeric_limits<double>::max()),
            128);
}

}  // namespace
}  // namespace convoy::engine
