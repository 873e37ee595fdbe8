#include "server/rpc/thread_clock.h"

#include <unistd.h>

#include <atomic>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/base/thread.h"

namespace convoy::rpc {
namespace {

using std::chrono::nanoseconds;

TEST(ThreadClockTest, RunsWhileItsThreadWorks) {
  const nanoseconds before = ThreadCpu(gettid());
  while (ThreadCpu(gettid()) < before + std::chrono::milliseconds(5)) {
  }
  SUCCEED();
}

TEST(ThreadClockTest, AnotherThreadIsFoundByItsNameAndTimed) {
  std::atomic<bool> done{false};
  std::atomic<pid_t> id{0};
  std::thread other([&] {
    SetThreadName("clock-test-abcd");
    id = gettid();
    while (!done) {
    }
  });
  while (id == 0) std::this_thread::yield();
  EXPECT_THAT(ThreadsNamed("clock-test-"), testing::ElementsAre(id.load()));
  const nanoseconds before = ThreadCpu(id);
  while (ThreadCpu(id) < before + std::chrono::milliseconds(5)) std::this_thread::yield();
  done = true;
  other.join();
  EXPECT_THAT(ThreadsNamed("clock-test-"), testing::ElementsAre());
  EXPECT_EQ(ThreadCpu(id), nanoseconds(0));
}

}  // namespace
}  // namespace convoy::rpc
