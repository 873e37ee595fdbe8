#include "server/batching/worker_niceness.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "gtest/gtest.h"

namespace convoy::batching {
namespace {

// Of the calling thread.
int Niceness() { return getpriority(PRIO_PROCESS, 0); }

// Each test on a thread of its own: there may be no way back.
template <typename Body>
void OnAThread(Body body) {
  std::thread(body).join();
}

TEST(WorkerNicenessTest, AThreadTakesOnWhatIsSetBeforeAndAfterItJoins) {
  OnAThread([] {
    const int own = Niceness();
    WorkerNiceness niceness(1);
    niceness.Join();
    EXPECT_EQ(Niceness(), std::min(own + 1, 19));
    niceness.Set(3);
    EXPECT_EQ(Niceness(), std::min(own + 3, 19));
    OnAThread([&] {
      const int inherited = Niceness();
      niceness.Join();
      EXPECT_EQ(Niceness(), std::min(inherited + 3, 19));
    });
  });
}

TEST(WorkerNicenessTest, OtherThreadsKeepTheirs) {
  OnAThread([] {
    const int own = Niceness();
    WorkerNiceness niceness(0);
    OnAThread([&] {
      niceness.Join();
      niceness.Set(4);
    });
    EXPECT_EQ(Niceness(), own);
  });
}

TEST(WorkerNicenessTest, TellsWhetherTheSystemLetsItBeLowered) {
  OnAThread([] {
    WorkerNiceness niceness(2);
    niceness.Join();
    niceness.Set(4);
    const int nice = Niceness();
    EXPECT_TRUE(niceness.MayBecome(4));
    EXPECT_TRUE(niceness.MayBecome(19));
    const bool may = niceness.MayBecome(3);
    niceness.Set(3);
    EXPECT_EQ(Niceness(), may ? nice - 1 : nice);
  });
}

}  // namespace
}  // namespace convoy::batching
