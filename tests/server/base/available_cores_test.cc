#include "server/base/available_cores.h"

#include <sched.h>

#include <thread>

#include "gtest/gtest.h"

namespace convoy {
namespace {

TEST(AvailableCoresTest, StaysWithinTheMachineAndTheAffinity) {
  EXPECT_GE(AvailableCores(), 1);
  EXPECT_LE(AvailableCores(), static_cast<int>(std::thread::hardware_concurrency()));
  std::thread pinned([] {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    ASSERT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
    EXPECT_EQ(AvailableCores(), 1);
  });
  pinned.join();
}

}  // namespace
}  // namespace convoy
