#include "server/base/repeater.h"

#include <gtest/gtest.h>

#include <atomic>

namespace convoy {
namespace {

TEST(RepeaterTest, ActsAgainAndAgainUntilItIsStopped) {
  std::atomic<int> times = 0;
  Repeater repeater;
  repeater.Start("repeater", std::chrono::microseconds(1), [&] {
    ++times;
    times.notify_all();
  });
  for (int seen = 0; seen < 3; seen = times) times.wait(seen);
  repeater.Stop();
  const int after = times;
  repeater.Stop();
  EXPECT_EQ(times, after);
}

TEST(RepeaterTest, ALongPauseDelaysNoEnd) {
  std::atomic<bool> acted = false;
  {
    Repeater repeater;
    repeater.Start("repeater", std::chrono::hours(24), [&] {
      acted = true;
      acted.notify_all();
    });
    acted.wait(false);
  }
  EXPECT_TRUE(acted);
}

}  // namespace
}  // namespace convoy
