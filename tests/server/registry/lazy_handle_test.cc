#include "server/registry/lazy_handle.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace convoy::registry {
namespace {

using batching::LayerHandle;

// Of nothing that could be run.
std::shared_ptr<LayerHandle> NewHandle() { return std::make_shared<LayerHandle>(nullptr, nullptr); }

TEST(LazyHandleTest, IsMadeOnceHoweverManyAsk) {
  std::atomic<int> made = 0;
  LazyHandle lazy([&]() -> absl::StatusOr<std::shared_ptr<LayerHandle>> {
    ++made;
    return NewHandle();
  });
  EXPECT_EQ(lazy.ready(), nullptr);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_NE(lazy.Get().value(), nullptr); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(lazy.ready(), lazy.Get().value());
}

TEST(LazyHandleTest, AnErrorIsNotKept) {
  bool fails = true;
  LazyHandle lazy([&]() -> absl::StatusOr<std::shared_ptr<LayerHandle>> {
    if (fails) return absl::ResourceExhaustedError("out of memory");
    return NewHandle();
  });
  EXPECT_TRUE(absl::IsResourceExhausted(lazy.Get().status()));
  EXPECT_EQ(lazy.ready(), nullptr);
  fails = false;
  EXPECT_TRUE(lazy.Get().ok());
}

}  // namespace
}  // namespace convoy::registry
