#include "kernel/base/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace convoy {
namespace {

int Niceness() { return getpriority(PRIO_PROCESS, 0); }

// The kernel's struct sched_attr, see sched_getattr(2).
struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

Attributes GetAttributes() {
  Attributes attributes = {};
  syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0);
  return attributes;
}

// Each in a thread of its own: there is no way back.
template <typename Function>
void InAThread(Function function) {
  std::thread(function).join();
}

TEST(ThreadTest, CarriesItsNameCutToWhatTheKernelKeeps) {
  InAThread([] {
    SetThreadName("a name of many letters");
    char name[32] = {};
    pthread_getname_np(pthread_self(), name, sizeof(name));
    EXPECT_EQ(std::string(name), "a name of many ");
  });
}

TEST(ThreadTest, StandsBackBehindTheOthersOfItsProcess) {
  const int before = Niceness();
  InAThread([before] {
    LowerPriority(0);
    EXPECT_EQ(Niceness(), before);
    LowerPriority(3);
    EXPECT_EQ(Niceness(), std::min(before + 3, 19));
    LowerPriority(1);
    EXPECT_EQ(Niceness(), std::min(before + 4, 19));
    LowerPriority(19);
    EXPECT_EQ(Niceness(), 19);
  });
  EXPECT_EQ(Niceness(), before);
}

TEST(ThreadTest, TurnsAreAllThatChanges) {
  InAThread([] {
    LowerPriority(2);
    const Attributes before = GetAttributes();
    EXPECT_TRUE(PreferTurns(std::chrono::microseconds(400)));
    const Attributes after = GetAttributes();
    EXPECT_EQ(after.policy, before.policy);
    EXPECT_EQ(after.nice, before.nice);
    // Kernels that know no turns say 0.
    if (before.runtime > 0) {
      EXPECT_EQ(after.runtime, 400'000u);
    }
  });
}

}  // namespace
}  // namespace convoy
