#include "server/metrics/thread_stats.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

std::string Stat(const std::string& name, int ticks) {
  return "7 (" + name + ") S 1 7 7 0 -1 4194560 100 0 0 0 " + std::to_string(ticks) +
         " 0 0 0 20 0 9 0 400 1000000 33 18446744";
}

TEST(ThreadStatsTest, AddsUpByRole) {
  ThreadStats stats;
  stats.Add(Stat("worker-0", 100));
  stats.Add(Stat("worker-11", 50));
  stats.Add(Stat("convoy-poll-0", 7));
  stats.Add(Stat("convoy-load", 1000));
  stats.Add(Stat("a (b) worker-1", 1000));
  stats.Add("nonsense");
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_EQ(stats.workers.threads, 2);
  EXPECT_DOUBLE_EQ(stats.workers.cpu_seconds, 150 / ticks);
  EXPECT_EQ(stats.pollers.threads, 1);
  EXPECT_DOUBLE_EQ(stats.pollers.cpu_seconds, 7 / ticks);
}

TEST(ThreadStatsTest, FindsTheThreadsOfThisProcess) {
  std::atomic<bool> named{false};
  std::atomic<bool> stop{false};
  std::thread worker([&] {
    pthread_setname_np(pthread_self(), "worker-3");
    named = true;
    while (!stop) std::this_thread::yield();
  });
  while (!named) std::this_thread::yield();
  EXPECT_EQ(ReadThreadStats().workers.threads, 1);
  EXPECT_EQ(ReadThreadStats().pollers.threads, 0);
  stop = true;
  worker.join();
}

}  // namespace
}  // namespace convoy::metrics
