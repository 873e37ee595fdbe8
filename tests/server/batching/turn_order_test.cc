#include "server/batching/turn_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/kernel/support/random_layer.h"
#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::MakeEntry;
using ::convoy::testing::TestEntry;

// Names its tasks, so that an order is a text.
class TurnOrderTest : public ::testing::Test {
 protected:
  void Push(char name, std::vector<double> parts) {
    tasks_.push_back(MakeEntry(std::move(parts)));
    names_[&tasks_.back()->entry] = name;
    order_.Push(tasks_.back()->entry);
  }
  std::string Take(int parts) {
    std::string taken;
    for (int i = 0; i < parts && !order_.empty(); ++i) {
      taken += names_[&order_.front()];
      order_.TakePart();
    }
    return taken;
  }
  Entry& EntryOf(char name) {
    for (const auto& task : tasks_) {
      if (names_[&task->entry] == name) return task->entry;
    }
    throw std::invalid_argument("no such task");
  }

  TurnOrder order_;
  std::vector<std::unique_ptr<TestEntry>> tasks_;
  std::map<const Entry*, char> names_;
};

TEST_F(TurnOrderTest, TasksOfOneSizeGoInTheOrderOfTheirArrival) {
  for (char name = 'a'; name <= 'e'; ++name) Push(name, {1});
  EXPECT_EQ(Take(2), "ab");
  Push('f', {1});
  EXPECT_EQ(Take(9), "cdef");
}

TEST_F(TurnOrderTest, LargeTasksTakeTurns) {
  Push('a', {1, 1, 1});
  Push('b', {1, 1, 1});
  EXPECT_EQ(Take(9), "ababab");
}

TEST_F(TurnOrderTest, SmallTasksPassBetweenThePartsOfLargeOnes) {
  for (const char name : {'a', 'b', 'c'}) Push(name, {2, 2, 2, 2, 2, 2});
  EXPECT_EQ(Take(4), "abca");
  Push('s', {0.1});
  EXPECT_EQ(Take(1), "s");
  // However many parts of the others were taken in the same round.
  EXPECT_EQ(Take(1), "b");
  Push('t', {0.1});
  EXPECT_EQ(Take(3), "tca");
}

TEST_F(TurnOrderTest, AFloodOfSmallTasksLeavesALargeOneItsShare) {
  Push('L', {2, 2, 2, 2});
  // Three small ones wait beside it at any time: it gets a quarter of the work.
  double small = 0;
  for (int i = 0; i < 3; ++i) Push('s', {0.1});
  while (EntryOf('L').next_part < 4) {
    if (Take(1) == "s") {
      small += 0.1;
      Push('s', {0.1});
    }
    ASSERT_LT(small, 100) << "the large task starved";
  }
  EXPECT_NEAR(small, 3 * 8, 2);  // one part
}

// A part is as long as it is: who has long ones gets no more for that.
TEST_F(TurnOrderTest, SharesAreThoseOfWorkNotOfParts) {
  Push('a', std::vector<double>(100, 3));
  Push('b', std::vector<double>(300, 1));
  const std::string taken = Take(200);
  const auto of_a = std::count(taken.begin(), taken.end(), 'a');
  EXPECT_NEAR(3.0 * static_cast<double>(of_a), 200.0 - static_cast<double>(of_a), 3);
}

TEST_F(TurnOrderTest, WhoComesLateStartsWhereTheOthersAre) {
  Push('a', std::vector<double>(100, 1));
  Take(50);
  Push('b', std::vector<double>(100, 1));
  EXPECT_EQ(Take(6), "ababab");
}

// Tasks that wait for their turn and then go would hold the clock back.
TEST_F(TurnOrderTest, ThoseWhoLeaveWithoutAPartGainNothingForTheNext) {
  Push('a', std::vector<double>(1000, 1));
  for (int i = 0; i < 100; ++i) {
    Push('b', {5, 5});
    Take(3);
    order_.Remove(EntryOf('b'));
    tasks_.pop_back();
  }
  Push('c', std::vector<double>(100, 1));
  const std::string taken = Take(20);
  EXPECT_NEAR(std::count(taken.begin(), taken.end(), 'c'), 10, 1);
}

TEST_F(TurnOrderTest, WhatIsRemovedFromAnywhereLeavesTheOrder) {
  testing::Random random(5);
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 20; ++i) {
      Push('x', {std::uniform_real_distribution<double>(0, 1)(random)});
    }
    for (int i = 0; i < 7; ++i) {
      const auto& entries = order_.entries();
      order_.Remove(*entries[testing::Between(random, 0, entries.size() - 1)]);
    }
    double last = 0;
    while (!order_.empty()) {
      ASSERT_GE(order_.front().turn, last);
      last = order_.front().turn;
      order_.TakePart();
    }
  }
}

}  // namespace
}  // namespace convoy::batching
