#include "server/batching/work_sizes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace convoy::batching {
namespace {

TEST(WorkSizesTest, SmallerTasksCountWholeLargerOnesAsMuchAsOne) {
  WorkSizes sizes;
  for (int i = 0; i < 1000; ++i) sizes.Add(1e-4);
  sizes.Add(100);
  EXPECT_NEAR(sizes.UpTo(0.05), 0.1 + 0.05, 1e-9);
  EXPECT_NEAR(sizes.UpTo(1e-5), 1001 * 1e-5, 1e-9);
  EXPECT_NEAR(sizes.UpTo(1000), 100.1, 1e-9);
  EXPECT_NEAR(sizes.Total(), 100.1, 1e-9);
}

TEST(WorkSizesTest, NothingIsNothing) {
  WorkSizes sizes;
  EXPECT_EQ(sizes.UpTo(1), 0);
  sizes.Add(0.3);
  sizes.Add(1e-9);
  sizes.Remove(1e-9);
  sizes.Remove(0.3);
  EXPECT_EQ(sizes.UpTo(1), 0);
  EXPECT_EQ(sizes.Total(), 0);
}

TEST(WorkSizesTest, AnyMixIsNeverCountedForLessNorForMoreThanTwice) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    WorkSizes sizes;
    std::vector<double> tasks;
    std::lognormal_distribution<double> seconds(-7, 3);
    for (int i = 0; i < 50; ++i) {
      tasks.push_back(seconds(random));
      sizes.Add(tasks.back());
    }
    const double own = seconds(random);
    double exact = 0;
    for (const double task : tasks) exact += std::min(task, own);
    ASSERT_GE(sizes.UpTo(own), 0.999999 * exact);
    ASSERT_LE(sizes.UpTo(own), 2 * exact);
  }
}

}  // namespace
}  // namespace convoy::batching
