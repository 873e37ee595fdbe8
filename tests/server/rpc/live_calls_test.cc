#include "server/rpc/live_calls.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

TEST(LiveCallsTest, WaitingForNoneReturnsAtOnceWhenThereAreNone) {
  LiveCalls calls;
  calls.WaitForNone();
  EXPECT_EQ(calls.count(), 0);
}

TEST(LiveCallsTest, WaitingEndsWithTheLastCall) {
  LiveCalls calls;
  calls.Add();
  calls.Add();
  std::atomic<bool> last_begun = false;
  std::thread remover([&] {
    calls.Remove();
    last_begun = true;
    calls.Remove();
  });
  calls.WaitForNone();
  EXPECT_TRUE(last_begun);
  remover.join();
}

TEST(LiveCallsTest, ManyThreadsLoseNoCount) {
  LiveCalls calls;
  for (int i = 0; i < 4000; ++i) calls.Add();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&calls] {
      for (int n = 0; n < 1000; ++n) {
        calls.Add();
        calls.Remove();
        calls.Remove();
      }
    });
  }
  calls.WaitForNone();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls.count(), 0);
}

}  // namespace
}  // namespace convoy::rpc
