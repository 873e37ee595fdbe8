#include "server/http/page_threads.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "gtest/gtest.h"

namespace convoy::http {
namespace {

TEST(PageThreadsTest, RunsSeveralJobsAtOnce) {
  PageThreads threads(2);
  std::promise<void> first;
  std::promise<void> second;
  std::promise<void> done;
  // Neither ends before the other has begun.
  threads.Run([&] {
    first.set_value();
    second.get_future().wait();
    done.set_value();
  });
  threads.Run([&] {
    first.get_future().wait();
    second.set_value();
  });
  done.get_future().wait();
}

TEST(PageThreadsTest, WaitsForWhatHasBegun) {
  auto threads = std::make_unique<PageThreads>(1);
  std::promise<void> begun;
  std::promise<void> go;
  std::atomic<bool> finished = false;
  threads->Run([&] {
    begun.set_value();
    go.get_future().wait();
    finished = true;
  });
  begun.get_future().wait();
  std::thread ending([threads = std::move(threads)]() mutable { threads.reset(); });
  go.set_value();
  ending.join();
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace convoy::http
