#include "kernel/batch/pooled_buffer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace convoy::batch {
namespace {

// The sanitizers' allocators end the process where the machine's throws.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kAllocatorThrows = false;
#else
constexpr bool kAllocatorThrows = true;
#endif

TEST(BufferPoolTest, BlocksAreAlignedToACacheLine) {
  BufferPool pool(1 << 20);
  for (size_t bytes : {0, 1, 4096, 5000, 100000}) {
    const BufferRef block = pool.Get(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block->data()) % 64, 0u) << bytes;
  }
}

TEST(BufferPoolTest, ABlockOfASizeClassIsExactAndOneByteMoreIsTheNextClass) {
  BufferPool pool(0);
  EXPECT_EQ(pool.Get(0)->capacity(), 4096u);
  EXPECT_EQ(pool.Get(4095)->capacity(), 4096u);
  EXPECT_EQ(pool.Get(4096)->capacity(), 4096u);
  EXPECT_EQ(pool.Get(4097)->capacity(), 6144u);
  EXPECT_EQ(pool.Get(6144)->capacity(), 6144u);
  EXPECT_EQ(pool.Get(6145)->capacity(), 8192u);
  EXPECT_EQ(pool.Get(8192)->capacity(), 8192u);
  EXPECT_EQ(pool.Get(8193)->capacity(), 12288u);
}

TEST(BufferPoolTest, AtMostAThirdOfABlockIsUnused) {
  BufferPool pool(0);
  for (size_t bytes = 4096; bytes < (size_t{8} << 20); bytes += bytes / 7) {
    const BufferRef block = pool.Get(bytes);
    EXPECT_GE(block->capacity(), bytes);
    EXPECT_LE((block->capacity() - bytes) * 3, block->capacity()) << bytes;
  }
}

TEST(BufferPoolTest, AReturnedBlockIsHandedOutAgain) {
  BufferPool pool(1 << 20);
  BufferRef block = pool.Get(10000);
  const std::byte* data = block->data();
  block.Reset();
  EXPECT_EQ(pool.Get(9000)->data(), data);
}

TEST(BufferPoolTest, ABlockOfAnotherClassIsNotHandedOut) {
  BufferPool pool(1 << 20);
  pool.Get(4096).Reset();
  const BufferRef larger = pool.Get(4097);
  EXPECT_GE(larger->capacity(), 4097u);
  EXPECT_EQ(pool.idle_bytes(), 4096u);
}

TEST(BufferPoolTest, KeepsExactlyItsLimitAndFreesWhatIsMore) {
  BufferPool pool(2 * 4096);
  std::vector<BufferRef> blocks;
  for (int i = 0; i < 3; ++i) blocks.push_back(pool.Get(4096));
  EXPECT_EQ(pool.used_bytes(), 3u * 4096);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  blocks.clear();
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.idle_bytes(), 2u * 4096);
}

TEST(BufferPoolTest, ABlockLargerThanTheLimitIsFreedAtOnce) {
  BufferPool pool(4096);
  pool.Get(4097).Reset();
  EXPECT_EQ(pool.idle_bytes(), 0u);
  pool.Get(4096).Reset();
  EXPECT_EQ(pool.idle_bytes(), 4096u);
}

TEST(BufferPoolTest, TakingAnIdleBlockMovesItsBytesFromIdleToUsed) {
  BufferPool pool(1 << 20);
  pool.Get(6144).Reset();
  EXPECT_EQ(pool.idle_bytes(), 6144u);
  const BufferRef block = pool.Get(5000);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  EXPECT_EQ(pool.used_bytes(), 6144u);
}

TEST(BufferPoolTest, WhatWasIdleBetweenTwoReleasesGoesAndWhatWasUsedStays) {
  BufferPool pool(1 << 20);
  BufferRef used = pool.Get(4096);
  pool.Get(4096).Reset();
  pool.Get(8192).Reset();
  EXPECT_EQ(pool.ReleaseIdle(), 0u);  // nothing was idle before
  pool.Get(8192).Reset();             // the same block
  EXPECT_EQ(pool.ReleaseIdle(), 4096u);
  EXPECT_EQ(pool.idle_bytes(), 8192u);
  EXPECT_EQ(pool.ReleaseIdle(), 8192u);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  EXPECT_EQ(pool.used_bytes(), 4096u);
  used.Reset();
  EXPECT_EQ(pool.Get(4096)->capacity(), 4096u);
}

// The block returned last is taken first: those beyond what is needed at a time age.
TEST(BufferPoolTest, BlocksBeyondNeedGoThoughOneIsUsedAllTheTime) {
  BufferPool pool(1 << 20);
  {
    std::vector<BufferRef> burst;
    for (int i = 0; i < 5; ++i) burst.push_back(pool.Get(4096));
  }
  pool.ReleaseIdle();
  for (int i = 0; i < 100; ++i) pool.Get(4096).Reset();
  EXPECT_EQ(pool.ReleaseIdle(), 4u * 4096);
  EXPECT_EQ(pool.idle_bytes(), 4096u);
}

TEST(BufferPoolTest, SaysWhatABlockTakes) {
  BufferPool pool(0);
  for (const int64_t bytes : {0, 1, 4096, 4097, 6144, 6145, 100'000, 1 << 20}) {
    EXPECT_EQ(BufferPool::CapacityOf(bytes), static_cast<int64_t>(pool.Get(bytes)->capacity()));
  }
  EXPECT_EQ(BufferPool::CapacityOf(std::numeric_limits<int64_t>::max()),
            std::numeric_limits<int64_t>::max());
}

TEST(BufferPoolTest, ARequestBeyondAllSizeClassesThrowsAndLeavesThePoolUsable) {
  BufferPool pool(1 << 20);
  EXPECT_THROW(pool.Get(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(pool.Get(size_t{1} << 62), std::bad_alloc);
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.Get(1)->capacity(), 4096u);
}

TEST(BufferPoolTest, ARequestThatTheMachineCannotMeetIsNotCountedAsUsed) {
  if (!kAllocatorThrows) GTEST_SKIP() << "the sanitizer's allocator ends the process";
  BufferPool pool(1 << 20);
  EXPECT_THROW(pool.Get(size_t{1} << 58), std::bad_alloc);
  EXPECT_EQ(pool.used_bytes(), 0u);
}

TEST(BufferRefTest, TheBlockReturnsWithTheLastReference) {
  BufferPool pool(1 << 20);
  BufferRef first = pool.Get(100);
  BufferRef second = first.Share();
  EXPECT_EQ(first.get(), second.get());
  first.Reset();
  EXPECT_EQ(pool.used_bytes(), 4096u);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  second.Reset();
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.idle_bytes(), 4096u);
}

TEST(BufferRefTest, AMovedReferenceIsEmptyAndItsTargetHoldsTheBlock) {
  BufferPool pool(1 << 20);
  BufferRef from = pool.Get(100);
  PooledBuffer* block = from.get();
  BufferRef to(std::move(from));
  EXPECT_FALSE(from);  // NOLINT(bugprone-use-after-move): that is the test
  EXPECT_EQ(to.get(), block);
  EXPECT_EQ(pool.used_bytes(), 4096u);
}

TEST(BufferRefTest, AssignmentGivesTheOldBlockBack) {
  BufferPool pool(1 << 20);
  BufferRef target = pool.Get(4096);
  target = pool.Get(8192);
  EXPECT_EQ(target->capacity(), 8192u);
  EXPECT_EQ(pool.idle_bytes(), 4096u);
  BufferRef& itself = target;
  target = std::move(itself);
  ASSERT_TRUE(target);
  EXPECT_EQ(pool.used_bytes(), 8192u);
}

TEST(BufferRefTest, AReleasedReferenceIsTheCallersToGiveBack) {
  BufferPool pool(1 << 20);
  PooledBuffer* block = pool.Get(4096).Release();
  EXPECT_EQ(pool.used_bytes(), 4096u);
  block->Unref();
  EXPECT_EQ(pool.used_bytes(), 0u);
}

TEST(BufferRefTest, NothingSharesAsNothing) {
  const BufferRef nothing;
  EXPECT_FALSE(nothing);
  EXPECT_FALSE(nothing.Share());
}

// Threads get, write, share, hand over and drop blocks: nobody ever sees a
// block that somebody else writes.
TEST(BufferPoolTest, ManyThreadsNeverShareABlockByMistake) {
  BufferPool pool(64 << 10);
  std::atomic<int> torn = 0;
  const auto work = [&](int id) {
    std::mt19937 random(id);
    std::vector<BufferRef> held;
    for (int round = 0; round < 3000; ++round) {
      BufferRef block = pool.Get(1 + random() % 20000);
      std::memset(block->data(), id, 64);
      held.push_back(block.Share());
      block.Reset();
      for (const BufferRef& mine : held) {
        if (mine->data()[round % 64] != static_cast<std::byte>(id)) ++torn;
      }
      if (held.size() > random() % 8) held.erase(held.begin());
    }
  };
  std::vector<std::thread> threads;
  for (int id = 1; id <= 4; ++id) threads.emplace_back(work, id);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_LE(pool.idle_bytes(), size_t{64} << 10);
}

// The last reference may go on any thread.
TEST(BufferPoolTest, ABlockSharedByManyThreadsReturnsOnce) {
  BufferPool pool(1 << 20);
  for (int round = 0; round < 300; ++round) {
    BufferRef block = pool.Get(4096);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([shared = block.Share()]() mutable { shared.Reset(); });
    }
    block.Reset();
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(pool.used_bytes(), 0u);
    ASSERT_EQ(pool.idle_bytes(), 4096u);
  }
}

}  // namespace
}  // namespace convoy::batch
