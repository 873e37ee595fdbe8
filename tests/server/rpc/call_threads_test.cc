#include "server/rpc/call_threads.h"

#include <atomic>
#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

TEST(CallThreadsTest, RunsJobsInTheirOrder) {
  std::vector<int> ran;
  {
    CallThreads threads({.name = "test"});
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(threads.Run(0, [&ran, i] { ran.push_back(i); }).ok());
    }
  }
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(CallThreadsTest, RunsSeveralAtOnce) {
  CallThreads threads({.name = "test", .threads = 2});
  absl::Notification first, second;
  ASSERT_TRUE(threads
                  .Run(0,
                       [&] {
                         second.WaitForNotification();
                         first.Notify();
                       })
                  .ok());
  ASSERT_TRUE(threads.Run(0, [&] { second.Notify(); }).ok());
  first.WaitForNotification();
}

// A thread that is at work until Release, and two places to wait.
class FullCallThreadsTest : public testing::Test {
 protected:
  FullCallThreadsTest()
      : threads_(std::make_unique<CallThreads>(
            CallThreads::Options{.name = "test", .max_waiting = 2, .max_waiting_bytes = 10})) {
    absl::Notification begun;
    EXPECT_TRUE(threads_
                    ->Run(100,
                          [&] {
                            begun.Notify();
                            release_.WaitForNotification();
                          })
                    .ok());
    begun.WaitForNotification();
  }

  // Runs what was taken.
  void End() {
    release_.Notify();
    threads_.reset();
  }

  absl::Status Run(int64_t bytes) {
    return threads_->Run(bytes, [this] { ++ran_; });
  }

  absl::Notification release_;
  std::atomic<int> ran_ = 0;
  std::unique_ptr<CallThreads> threads_;
};

TEST_F(FullCallThreadsTest, RefusesWhenTooManyWait) {
  EXPECT_TRUE(Run(0).ok());
  EXPECT_TRUE(Run(0).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Run(0)));
  End();
  EXPECT_EQ(ran_, 2);
}

TEST_F(FullCallThreadsTest, RefusesWhenTooManyBytesWait) {
  EXPECT_TRUE(Run(4).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Run(7)));
  EXPECT_TRUE(Run(6).ok());
  End();
  EXPECT_EQ(ran_, 2);
}

TEST_F(FullCallThreadsTest, TakesAMessageLargerThanAllThatMayWait) {
  EXPECT_TRUE(Run(11).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Run(1)));
  End();
  EXPECT_EQ(ran_, 1);
}

TEST_F(FullCallThreadsTest, ContinuesACallHoweverManyWait) {
  EXPECT_TRUE(Run(0).ok());
  EXPECT_TRUE(Run(0).ok());
  threads_->Continue([this] { ++ran_; });
  End();
  EXPECT_EQ(ran_, 3);
}

}  // namespace
}  // namespace convoy::rpc
