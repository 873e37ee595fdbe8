#include "kernel/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace convoy {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A flag that one thread raises and others wait for.
class Gate {
 public:
  void Open() {
    MutexLock lock(mutex_);
    open_ = true;
    opened_.NotifyAll();
  }
  void Pass() {
    MutexLock lock(mutex_);
    while (!open_) opened_.Wait(mutex_);
    ++passed_;
  }
  int passed() {
    MutexLock lock(mutex_);
    return passed_;
  }

 private:
  Mutex mutex_;
  CondVar opened_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  int passed_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(MutexTest, CountsOfManyThreadsAreNotLost) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20000;
  Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        MutexLock lock(mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, kThreads * kRounds);
}

TEST(MutexTest, UnlockLetsTheNextThreadIn) {
  Mutex mutex;
  mutex.Lock();
  bool entered = false;
  std::thread other([&] {
    MutexLock lock(mutex);
    entered = true;
  });
  EXPECT_FALSE(entered);  // read under the lock
  mutex.Unlock();
  other.join();
  EXPECT_TRUE(entered);
}

TEST(CondVarTest, WaitGivesTheMutexAwayAndHoldsItAgainAfterwards) {
  Gate gate;
  std::thread waiter([&] { gate.Pass(); });
  gate.Open();  // would block for ever if the waiter kept the mutex
  waiter.join();
  EXPECT_EQ(gate.passed(), 1);
}

TEST(CondVarTest, NotifyAllWakesEveryWaiter) {
  Gate gate;
  std::vector<std::thread> waiters;
  for (int i = 0; i < 4; ++i) waiters.emplace_back([&] { gate.Pass(); });
  gate.Open();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(gate.passed(), 4);
}

TEST(CondVarTest, WaitForReturnsFalseWhenTheTimePassesWithoutANotification) {
  Mutex mutex;
  CondVar condition;
  MutexLock lock(mutex);
  const auto begin = steady_clock::now();
  // A spurious wake-up says true: wait until a whole timeout went by.
  while (condition.WaitFor(mutex, milliseconds(5))) {
  }
  EXPECT_GE(steady_clock::now() - begin, milliseconds(5));
}

TEST(CondVarTest, WaitForReturnsTrueLongBeforeItsTimeWhenNotified) {
  Mutex mutex;
  CondVar condition;
  bool ready = false;
  bool notified = true;
  const auto begin = steady_clock::now();
  std::thread other;
  {
    MutexLock lock(mutex);
    other = std::thread([&] {
      MutexLock inner(mutex);
      ready = true;
      condition.NotifyOne();
    });
    while (!ready && notified) notified = condition.WaitFor(mutex, std::chrono::seconds(60));
  }
  other.join();
  EXPECT_TRUE(notified);
  EXPECT_TRUE(ready);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(30));
}

// A hand-over of one token between threads, many times: every wake-up counts.
TEST(CondVarTest, ATokenHandedRoundAndRoundIsNeverLost) {
  constexpr int kThreads = 3;
  constexpr int kTurns = 2000;
  Mutex mutex;
  CondVar moved;
  int turn = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kTurns; ++round) {
        MutexLock lock(mutex);
        while (turn % kThreads != i) moved.Wait(mutex);
        ++turn;
        moved.NotifyAll();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(turn, kThreads * kTurns);
}

}  // namespace
}  // namespace convoy
