#include "kernel/engine/plan/exact_shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/timed_tiles.h"

namespace convoy::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ExactShapesTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const layer::Conv1D> MakeLayer(int64_t kernel_size) {
    layer::Conv1DConfig config;
    config.filters = 2;
    config.window.kernel_size = kernel_size;
    testing::Random random(1);
    return testing::LayerOf(config, 2, random);
  }

  struct Run {
    int64_t outputs;
    int64_t sequences;
  };

  // A batch of such sequences, a request each.
  static batch::Packing PackingOf(const std::vector<Run>& runs) {
    batch::Packing packing{layer::Window()};
    for (const Run& run : runs) packing.Add({run.sequences, run.outputs, {run.outputs, 0, 0}});
    return packing;
  }

  // As if batches with such a run came so often.
  void Note(ExactShapes& exact, const Run& run, int times) {
    for (int i = 0; i < times; ++i) exact.Note(PackingOf({run}));
  }

  static std::vector<TileShape> AllDue(ExactShapes& exact) {
    std::vector<TileShape> due;
    while (const auto shape = exact.TakeDue()) due.push_back(*shape);
    return due;
  }

  const std::shared_ptr<const layer::Conv1D> layer_ = MakeLayer(3);
  const TileCosts costs_{testing::TimedTiles({1, 4, 16}, {10e-6, 11e-6, 14e-6})};
  ExactShapes exact_{*layer_, costs_, costs_};
};

TEST_F(ExactShapesTest, ALengthThatComesOftenIsDueOnceForEachPowerOfTwoOfSequences) {
  Note(exact_, {10, 5}, ExactShapes::kOften - 1);
  EXPECT_THAT(AllDue(exact_), IsEmpty());
  EXPECT_FALSE(exact_.has_due());
  Note(exact_, {10, 5}, 1);
  EXPECT_TRUE(exact_.has_due());
  EXPECT_THAT(AllDue(exact_), ElementsAre(TileShape{1, 10}, TileShape{2, 10}, TileShape{4, 10}));
  EXPECT_FALSE(exact_.has_due());
  Note(exact_, {10, 5}, 100);
  EXPECT_THAT(AllDue(exact_), IsEmpty());
  Note(exact_, {10, 8}, 1);  // more at a time than before
  EXPECT_THAT(AllDue(exact_), ElementsAre(TileShape{8, 10}));
}

TEST_F(ExactShapesTest, NeighboursOfOneLengthCountTogetherAndOthersApart) {
  for (int i = 0; i < ExactShapes::kOften; ++i) {
    exact_.Note(PackingOf({{10, 2}, {10, 2}, {0, 7}, {10, 0}, {11, 1}, {10, 1}}));
  }
  EXPECT_THAT(AllDue(exact_), UnorderedElementsAre(TileShape{1, 10}, TileShape{2, 10},
                                                   TileShape{4, 10}, TileShape{1, 11}));
}

TEST_F(ExactShapesTest, WhatIsATileAlreadyIsNotTimedAgain) {
  Note(exact_, {4, 2}, ExactShapes::kOften);
  EXPECT_THAT(AllDue(exact_), ElementsAre(TileShape{2, 4}));
}

TEST_F(ExactShapesTest, LongWorkIsLeftToTiles) {
  Note(exact_, {16 * 300, 1}, ExactShapes::kOften);  // 300 tiles of 14 us
  EXPECT_THAT(AllDue(exact_), IsEmpty());
}

// With windows of one frame n sequences are one of n times the length.
TEST_F(ExactShapesTest, SequencesWithoutWindowsBetweenThemAreOneSequence) {
  const auto layer = MakeLayer(1);
  ExactShapes exact(*layer, costs_, costs_);
  Note(exact, {10, 4}, ExactShapes::kOften);
  EXPECT_THAT(AllDue(exact), ElementsAre(TileShape{1, 10}));
}

TEST_F(ExactShapesTest, KeepsWhatIsClearlyCheaperThanTiles) {
  // Tiles: one of 16, 14 us; two sequences in one run of 22 outputs, 25 us.
  exact_.Keep({{1, 10}, {}, 13.9e-6});
  EXPECT_THAT(*exact_.table(), IsEmpty());
  exact_.Keep({{2, 10}, {}, 16e-6});
  exact_.Keep({{1, 10}, {}, 9e-6});
  const auto table = exact_.table();
  ASSERT_EQ(table->count(10), 1u);
  ASSERT_EQ(table->at(10).size(), 2u);
  EXPECT_EQ(table->at(10)[0].shape, (TileShape{1, 10}));
  EXPECT_EQ(table->at(10)[1].shape, (TileShape{2, 10}));
  EXPECT_EQ(exact_.Note({}), table);
  EXPECT_EQ(exact_.Describe(), "; exact 1 x 10: 1-D; exact 2 x 10: 1-D");
}

TEST_F(ExactShapesTest, TheLatestTimingOfAShapeCounts) {
  exact_.Keep({{1, 10}, {}, 9e-6});
  exact_.Keep({{1, 10}, {}, 8e-6});
  ASSERT_EQ(exact_.table()->at(10).size(), 1u);
  EXPECT_DOUBLE_EQ(exact_.table()->at(10)[0].seconds, 8e-6);
}

TEST_F(ExactShapesTest, AdoptsWhatAnotherKnowsAndWhatIsDueThere) {
  Note(exact_, {10, 2}, ExactShapes::kOften);
  exact_.Keep({{1, 12}, {}, 9e-6});
  const auto layer = MakeLayer(3);
  ExactShapes heir(*layer, costs_, costs_);
  heir.Adopt(exact_);
  EXPECT_EQ(heir.table(), exact_.table());
  EXPECT_TRUE(heir.has_due());
  EXPECT_EQ(AllDue(heir), AllDue(exact_));
}

TEST_F(ExactShapesTest, ABatchPlansWithTheTableItGot) {
  const auto before = exact_.Note({});
  exact_.Keep({{1, 10}, {}, 9e-6});
  EXPECT_THAT(*before, IsEmpty());
}

// Every length comes now and then, as with requests of random lengths.
TEST_F(ExactShapesTest, LengthsThatComeSeldomAreForgotten) {
  Note(exact_, {10, 1}, 2 * ExactShapes::kOften);
  exact_.Keep({{1, 10}, {}, 9e-6});
  for (int round = 0; round < 3; ++round) {
    for (int64_t outputs = 1000; outputs < 1000 + 2 * int64_t{ExactShapes::kMostLengths};
         ++outputs) {
      Note(exact_, {outputs, 1}, 1);
    }
    Note(exact_, {10, 1}, ExactShapes::kOften);
  }
  EXPECT_EQ(exact_.table()->size(), 1u);  // this one comes often
  for (int64_t outputs = 1000; outputs < 1000 + 20 * int64_t{ExactShapes::kMostLengths};
       ++outputs) {
    Note(exact_, {outputs, 1}, 1);
  }
  EXPECT_THAT(*exact_.table(), IsEmpty());
  EXPECT_THAT(AllDue(exact_), IsEmpty());
}

TEST_F(ExactShapesTest, ManyLengthsThatAllComeOftenStayBounded) {
  for (int64_t outputs = 1; outputs < 4 * int64_t{ExactShapes::kMostLengths}; ++outputs) {
    Note(exact_, {outputs, 1}, 4 * ExactShapes::kOften);
    exact_.Keep({{1, outputs}, {}, 1e-9});
  }
  EXPECT_LE(exact_.table()->size(), ExactShapes::kMostLengths);
}

}  // namespace
}  // namespace convoy::engine
