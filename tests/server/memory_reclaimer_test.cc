#include "server/memory_reclaimer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace convoy {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

class MemoryReclaimerTest : public ::testing::Test {
 protected:
  // Whether the heap was trimmed at a look that found this.
  bool Trims(int64_t resident, size_t freed, bool used) {
    resident_ = resident;
    released_ = {freed, used};
    const int before = trims_;
    reclaimer_.Look();
    return trims_ > before;
  }

  int64_t resident_ = 0;
  MemoryReclaimer::Released released_;
  std::atomic<int> trims_ = 0;
  MemoryReclaimer reclaimer_{{.release = [this] { return released_; },
                              .resident = [this] { return resident_; },
                              .trim = [this] { ++trims_; }}};
};

TEST_F(MemoryReclaimerTest, TheHeapIsTrimmedWhenNothingRuns) {
  EXPECT_FALSE(Trims(100 * kMiB, 0, true));
  EXPECT_TRUE(Trims(100 * kMiB, 0, false));
}

TEST_F(MemoryReclaimerTest, AnIdleServerDoesSoOnceUntilItHasGrown) {
  EXPECT_TRUE(Trims(100 * kMiB, 0, false));
  EXPECT_FALSE(Trims(100 * kMiB, 0, false));
  EXPECT_FALSE(Trims(107 * kMiB, 0, false));
  EXPECT_TRUE(Trims(108 * kMiB, 0, false));
}

TEST_F(MemoryReclaimerTest, AServerThatIsNeverIdleDoesSoSeldomAndForMuchOnly) {
  const auto until_trimmed = [&](size_t freed) {
    int looks = 1;
    while (!Trims(500 * kMiB + 10 * kMiB * trims_, freed, true) && looks < 100) ++looks;
    return looks;
  };
  EXPECT_EQ(until_trimmed(16 * kMiB), 15);
  EXPECT_EQ(until_trimmed(16 * kMiB), 15);
  EXPECT_EQ(until_trimmed(kMiB / 2), 32);
  EXPECT_EQ(until_trimmed(0), 100);
}

TEST_F(MemoryReclaimerTest, LooksOnAThreadOfItsOwnUntilItIsStopped) {
  resident_ = 100 * kMiB;
  reclaimer_.Start();
  while (trims_ == 0) std::this_thread::yield();
  reclaimer_.Stop();
  reclaimer_.Stop();
  EXPECT_EQ(trims_, 1);
}

}  // namespace
}  // namespace convoy
