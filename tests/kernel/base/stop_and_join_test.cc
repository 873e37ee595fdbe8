#include "kernel/base/stop_and_join.h"

#include <atomic>

#include "gtest/gtest.h"

namespace convoy {
namespace {

TEST(StopAndJoinTest, EndsAThreadThatWaitsWheneverItIsAsked) {
  for (int i = 0; i < 1000; ++i) {
    Mutex mutex;
    CondVar changed;
    std::atomic<bool> ended = false;
    std::jthread thread([&](const std::stop_token& stop) {
      MutexLock lock(mutex);
      while (!stop.stop_requested()) changed.Wait(mutex);
      ended = true;
    });
    StopAndJoin(thread, mutex, changed);
    EXPECT_TRUE(ended);
    StopAndJoin(thread, mutex, changed);
  }
}

TEST(StopAndJoinTest, DoesNothingWithoutAThread) {
  std::jthread none;
  Mutex mutex;
  CondVar changed;
  StopAndJoin(none, mutex, changed);
  EXPECT_FALSE(none.joinable());
}

}  // namespace
}  // namespace convoy
