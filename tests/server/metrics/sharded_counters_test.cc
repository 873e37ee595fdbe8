#include "server/metrics/sharded_counters.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

TEST(ShardedCountersTest, StartsAtZero) {
  const ShardedCounters<2> counters;
  EXPECT_EQ(counters.Total(0), 0u);
  EXPECT_EQ(counters.Total(1), 0u);
}

TEST(ShardedCountersTest, KeepsCountersApart) {
  ShardedCounters<2> counters;
  counters.Add(0, 3);
  counters.Add(1, 5);
  counters.Add(1, 1);
  EXPECT_EQ(counters.Total(0), 3u);
  EXPECT_EQ(counters.Total(1), 6u);
}

TEST(ShardedCountersTest, LosesNothingWithMoreThreadsThanShards) {
  constexpr int kThreads = static_cast<int>(kShards) + 3;
  constexpr int kAdditions = 20'000;
  ShardedCounters<1> counters;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&counters] {
      for (int n = 0; n < kAdditions; ++n) counters.Add(0, 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters.Total(0), uint64_t{kThreads} * kAdditions);
}

}  // namespace
}  // namespace convoy::metrics
