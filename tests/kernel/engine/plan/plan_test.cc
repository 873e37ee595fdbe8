#include "kernel/engine/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/engine/plan/tile_lengths.h"
#include "tests/kernel/support/timed_tiles.h"
#include "tests/kernel/support/window_of.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::TimedTiles;
using ::convoy::testing::WindowOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Where a call costs nothing but its outputs, and where it costs only the call.
TileCosts CallsAreFree() { return TileCosts(TimedTiles({1, 2, 4, 8}, {1, 2, 4, 8})); }
TileCosts OutputsAreFree() { return TileCosts(TimedTiles({1, 2, 4, 8}, {1, 1, 1, 1})); }

// A call costs `call_seconds` and one second for each output.
TileCosts CostsOf(const std::vector<int64_t>& lengths, double call_seconds) {
  std::vector<double> seconds;
  for (const int64_t length : lengths) {
    seconds.push_back(call_seconds + static_cast<double>(length));
  }
  return TileCosts(TimedTiles(lengths, seconds));
}

class PlanTest : public ::testing::Test {
 protected:
  void Add(int64_t sequences, int64_t length) {
    packing_.Add({sequences, length, window_.FramesFor(length).value()});
  }

  void Make(const TileCosts& costs, const ExactTable& table = {}, bool apart = false) {
    plan_.Make(packing_, {costs, costs, &table, apart});
  }

  static double Seconds(const std::vector<Tile>& tiles) {
    double total = 0;
    for (const Tile& tile : tiles) total += tile.timed.seconds;
    return total;
  }

  // Whether the tile is one of the set lengths.
  static bool IsCommon(const Tile& tile, const TileCosts& costs) {
    return std::find(costs.tiles().begin(), costs.tiles().end(), tile.timed) != costs.tiles().end();
  }

  // The packed position whose output lies at each frame of the output buffer
  // when the tiles ran in order; -1 where nothing was written.
  std::vector<int64_t> Execute() const {
    std::vector<int64_t> written(plan_.target_end(), -1);
    for (const Tile& tile : plan_.tiles()) {
      const TileShape& shape = tile.timed.shape;
      const int64_t pitch = batch::OutputPitch(window_, shape.outputs);
      for (int64_t i = 0; i < shape.frames(); ++i) {
        const int64_t n = i / shape.outputs;
        written.at(tile.target + i) = tile.source + n * pitch + i % shape.outputs;
      }
    }
    return written;
  }

  // Every output of every sequence is where `targets` says.
  void ExpectEveryOutputInItsPlace() const {
    const std::vector<int64_t> written = Execute();
    size_t next = 0;
    for (const batch::Placement& placement : packing_.placements()) {
      for (int64_t n = 0; n < placement.sequences && placement.frames.output > 0; ++n, ++next) {
        ASSERT_LT(next, plan_.targets().size());
        const int64_t first = placement.first_output + n * placement.output_pitch;
        for (int64_t o = 0; o < placement.frames.output; ++o) {
          ASSERT_EQ(written.at(plan_.targets()[next] + o), first + o);
        }
      }
    }
    EXPECT_EQ(next, plan_.targets().size());
  }

  void ExpectAnEndThatTheTilesReach() const {
    int64_t target_end = 0;
    for (const Tile& tile : plan_.tiles()) {
      EXPECT_GE(tile.source, 0);
      EXPECT_GE(tile.target, 0);
      target_end = std::max(target_end, tile.target + tile.timed.shape.frames());
    }
    EXPECT_EQ(plan_.target_end(), target_end);
  }

  // Where the tile's last window begins.
  int64_t SourceEnd(const Tile& tile) const {
    const TileShape& shape = tile.timed.shape;
    const int64_t pitch = batch::OutputPitch(window_, shape.outputs);
    return tile.source + (shape.sequences - 1) * pitch + shape.outputs;
  }

  layer::Window window_ = WindowOf(3, 1);
  batch::Packing packing_{window_};
  Plan plan_;
};

TEST_F(PlanTest, NothingToComputeIsNoTile) {
  Make(CallsAreFree());
  EXPECT_THAT(plan_.tiles(), IsEmpty());
  window_.padding.mode = layer::PaddingMode::kSame;
  Add(3, 0);
  Add(0, 5);
  Make(CallsAreFree());
  EXPECT_THAT(plan_.tiles(), IsEmpty());
  EXPECT_THAT(plan_.targets(), IsEmpty());
  EXPECT_EQ(plan_.target_end(), 0);
}

TEST_F(PlanTest, WhereOutputsAreFreeSequencesRunTogether) {
  Add(2, 4);  // two outputs each, two straddling between them
  Make(OutputsAreFree());
  ASSERT_THAT(plan_.tiles(), SizeIs(1));
  EXPECT_THAT(plan_.targets(), ElementsAre(0, 4));
}

TEST_F(PlanTest, WhereCallsAreFreeSequencesRunApartAndTheirOutputsLieEndToEnd) {
  Add(3, 4);
  Make(CallsAreFree());
  EXPECT_THAT(plan_.targets(), ElementsAre(0, 2, 4));
  EXPECT_THAT(plan_.tiles(), SizeIs(3));
  EXPECT_EQ(plan_.target_end(), 6);
}

TEST_F(PlanTest, ALongSequenceIsCutIntoTiles) {
  Add(1, 8 * 5 + 3 + 2);
  Make(OutputsAreFree());
  EXPECT_THAT(plan_.tiles(), SizeIs(6));
  EXPECT_EQ(SourceEnd(plan_.tiles().back()), 48);
  ExpectEveryOutputInItsPlace();
}

TEST_F(PlanTest, ATileMayReachBehindTheLastSequence) {
  Add(1, 5);  // three outputs; the tile of four costs no more
  Make(OutputsAreFree());
  ASSERT_THAT(plan_.tiles(), SizeIs(1));
  EXPECT_GT(SourceEnd(plan_.tiles().back()), 3);
  EXPECT_EQ(plan_.target_end(), SourceEnd(plan_.tiles().back()));
}

TEST_F(PlanTest, MakeForgetsTheLastBatch) {
  Add(5, 30);
  Make(CallsAreFree());
  packing_ = batch::Packing(window_);
  Add(1, 4);
  Make(CallsAreFree());
  EXPECT_THAT(plan_.targets(), ElementsAre(0));
  EXPECT_THAT(plan_.tiles(), SizeIs(1));
  EXPECT_EQ(SourceEnd(plan_.tiles().back()), 2);
  EXPECT_EQ(plan_.target_end(), 2);
}

TEST_F(PlanTest, ABatchOfVeryManySequencesIsCovered) {
  Add(1000, 4);
  Make(OutputsAreFree());
  ExpectEveryOutputInItsPlace();
  Make(CallsAreFree());
  ExpectEveryOutputInItsPlace();
}

TEST_F(PlanTest, MakesTheSamePlanAfterItShrank) {
  Add(10'000, 4);
  Make(CallsAreFree());
  const std::vector<int64_t> targets = plan_.targets();
  plan_.Shrink();
  EXPECT_THAT(plan_.tiles(), IsEmpty());
  Make(CallsAreFree());
  EXPECT_EQ(plan_.targets(), targets);
}

TEST_F(PlanTest, EveryOutputOfRandomBatchesIsInItsPlace) {
  std::mt19937 random(2);
  const auto between = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const double kSecondsPerCall[] = {0.1, 3, 30, 1000};
  for (int round = 0; round < 1000; ++round) {
    window_ = WindowOf(between(1, 9), between(1, 5));
    window_.padding.mode = layer::PaddingMode::kSame;
    packing_ = batch::Packing(window_);
    const int64_t requests = between(0, 12);
    for (int64_t i = 0; i < requests; ++i) {
      Add(between(0, 3), between(0, 9) == 0 ? 600 : between(0, 30));
    }
    const TileCosts costs = CostsOf(TileLengths(between(1, 128)), kSecondsPerCall[round % 4]);
    ExactTable table;
    for (int64_t i = between(0, 3); i > 0; --i) {
      const int64_t outputs = between(1, 20);
      for (int64_t n = 1; n <= between(1, 4); n *= 2) {
        const double seconds = 1e-3 * static_cast<double>(between(1, 20000));
        table[outputs].push_back({{n, outputs}, {}, seconds});
      }
    }
    Make(costs, table, /*apart=*/between(0, 9) == 0);
    ASSERT_NO_FATAL_FAILURE(ExpectEveryOutputInItsPlace());
    ASSERT_NO_FATAL_FAILURE(ExpectAnEndThatTheTilesReach());
  }
}

TEST_F(PlanTest, AnExactShapeIsTakenWhereItIsCheaperAndItsOutputsLieEndToEnd) {
  Add(3, 4);
  const ExactTable cheap = {{2, {{{2, 2}, {.spatial_dimensions = 2}, 0.5}}}};
  Make(CallsAreFree(), cheap);
  ASSERT_THAT(plan_.tiles(), SizeIs(2));
  EXPECT_THAT(plan_.targets(), ElementsAre(0, 2, 4));
  const Tile& dense = plan_.tiles()[IsCommon(plan_.tiles()[0], CallsAreFree()) ? 1 : 0];
  EXPECT_EQ(dense.timed, cheap.at(2)[0]);
  ExpectEveryOutputInItsPlace();
  Make(CallsAreFree(), {{2, {{{2, 2}, {}, 100}}}});
  for (const Tile& tile : plan_.tiles()) EXPECT_TRUE(IsCommon(tile, CallsAreFree()));
}

TEST_F(PlanTest, SequencesOfOtherLengthsAreNoPartOfAnExactShape) {
  Add(1, 4);
  Add(1, 5);
  Make(CallsAreFree(), {{2, {{{2, 2}, {}, 0.001}}}});
  for (const Tile& tile : plan_.tiles()) EXPECT_TRUE(IsCommon(tile, CallsAreFree()));
}

// Where bits must not depend on the batch, each sequence begins its own tiles.
TEST_F(PlanTest, ApartEverySequenceHasTheTilesThatItHasAlone) {
  const TileCosts costs(TimedTiles({4}, {1}));
  Add(1, 9);
  Make(costs, {}, /*apart=*/true);
  EXPECT_THAT(plan_.tiles(), SizeIs(2));
  Add(2, 4);
  Add(1, 3);
  Make(costs, {}, /*apart=*/true);
  EXPECT_THAT(plan_.tiles(), SizeIs(5));
  EXPECT_THAT(plan_.targets(), ElementsAre(0, 7, 9, 11));
  ExpectEveryOutputInItsPlace();
}

// Neither everything together nor everything apart is ever cheaper.
TEST_F(PlanTest, IsNoDearerThanRunningTogetherOrApart) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    packing_ = batch::Packing(window_);
    for (int i = 0; i < 8; ++i) Add(1, 3 + random() % 20);
    const TileCosts costs = CostsOf(TileLengths(256), static_cast<double>(random() % 20));
    Make(costs);
    const double planned = Seconds(plan_.tiles());
    double apart = 0;
    for (const auto& placement : packing_.placements()) {
      apart += costs.Cover(placement.frames.output);
    }
    const batch::Placement& last = packing_.placements().back();
    EXPECT_LE(planned, apart + 1e-9);
    EXPECT_LE(planned, costs.Cover(last.first_output + last.frames.output) + 1e-9);
  }
}

}  // namespace
}  // namespace convoy::engine
