#include "server/batching/run_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batching {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

TEST(RunMemoryTest, ATaskAloneNeedsAsManyPartsAsRunAtATime) {
  const RunMemory memory(2);
  EXPECT_EQ(memory.Alone(100, 1), 100);
  EXPECT_EQ(memory.Alone(100, 2), 200);
  EXPECT_EQ(memory.Alone(100, 50), 200);
  EXPECT_EQ(memory.With(100, 50), 200);
  EXPECT_EQ(memory.With(0, 1), 0);
}

TEST(RunMemoryTest, ManyThatWaitNeedNoMoreThanThoseThatRunAtATime) {
  RunMemory memory(2);
  memory.Add(kMiB, 1);
  EXPECT_EQ(memory.With(kMiB, 1), 2 * kMiB);
  memory.Add(kMiB, 1);
  const int64_t full = memory.With(kMiB, 1);
  EXPECT_GE(full, 2 * kMiB);
  EXPECT_LE(full, 4 * kMiB);
  for (int i = 0; i < 1000; ++i) memory.Add(kMiB, 7);
  EXPECT_LE(memory.With(kMiB, 1), 4 * kMiB);
}

TEST(RunMemoryTest, TheLargestCount) {
  RunMemory memory(2);
  for (int i = 0; i < 1000; ++i) memory.Add(1000, 1);
  EXPECT_LE(memory.With(kMiB, 1), kMiB + 2000);
  memory.Add(kMiB, 1);
  memory.Remove(kMiB, 1);
  EXPECT_LE(memory.With(1000, 1), 4 * 1000);
}

TEST(RunMemoryTest, NoSumOverflows) {
  RunMemory memory(1000);
  const int64_t most = std::numeric_limits<int64_t>::max();
  memory.Add(most, most);
  EXPECT_GT(memory.With(most, most), 0);
  memory.Remove(most, most);
  EXPECT_EQ(memory.With(0, 1), 0);
}

TEST(RunMemoryTest, IsNeverBelowTheLargestAndAtMostTwiceThem) {
  testing::Random random(7);
  for (int round = 0; round < 200; ++round) {
    const int64_t runners = testing::Between(random, 1, 5);
    RunMemory memory(static_cast<int>(runners));
    std::vector<int64_t> there;
    int64_t task = 0;
    const int64_t tasks = testing::Between(random, 1, 20);
    for (int64_t i = 0; i < tasks; ++i) {
      task = int64_t{1} << testing::Between(random, 0, 30);
      task += testing::Between(random, 0, task - 1);
      if (i + 1 < tasks) memory.Add(task, 1);
      there.push_back(task);
    }
    std::sort(there.rbegin(), there.rend());
    int64_t largest = 0;
    for (int64_t i = 0; i < std::min(runners, tasks); ++i) largest += there[i];
    EXPECT_GE(memory.With(task, 1), largest);
    EXPECT_LE(memory.With(task, 1), 2 * largest);
  }
}

}  // namespace
}  // namespace convoy::batching
