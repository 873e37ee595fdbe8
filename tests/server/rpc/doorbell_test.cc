#include "server/rpc/doorbell.h"

#include <atomic>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "gtest/gtest.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {
namespace {

class CountingEvent final : public QueueEvent {
 public:
  bool OnEvent(bool ok) override {
    count += ok ? 1 : 0;
    return false;
  }
  int count = 0;
};

class DoorbellTest : public testing::Test {
 protected:
  // Runs one event of the queue.
  void Next() {
    void* tag;
    bool ok;
    ASSERT_TRUE(queue_.Next(&tag, &ok));
    static_cast<QueueEvent*>(tag)->OnEvent(ok);
  }
  // Runs those that are left.
  void Drain() {
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) static_cast<QueueEvent*>(tag)->OnEvent(ok);
  }

  grpc::CompletionQueue queue_;
  CountingEvent event_;
  Doorbell doorbell_{queue_, event_};
};

TEST_F(DoorbellTest, ARingIsAnEvent) {
  doorbell_.Ring();
  Next();
  EXPECT_EQ(event_.count, 1);
  Drain();
  EXPECT_EQ(event_.count, 1);
}

TEST_F(DoorbellTest, RingsBeforeTheAnswerAreOneEventAndOneAfterItIsAnother) {
  for (int i = 0; i < 5; ++i) doorbell_.Ring();
  Next();
  doorbell_.Answer();
  doorbell_.Ring();
  Drain();
  EXPECT_EQ(event_.count, 2);
}

TEST_F(DoorbellTest, NothingRingsAfterClose) {
  doorbell_.Close();
  doorbell_.Ring();
  Drain();
  doorbell_.Ring();
  EXPECT_EQ(event_.count, 0);
}

TEST_F(DoorbellTest, EveryChangeIsSeenHoweverManyThreadsRing) {
  constexpr int kChanges = 4 * 500;
  std::atomic<int> changes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        ++changes;
        doorbell_.Ring();
      }
    });
  }
  // As a poller does: answer first, look afterwards. A lost ring hangs here.
  for (int seen = 0; seen < kChanges; seen = changes) {
    Next();
    doorbell_.Answer();
  }
  for (std::thread& thread : threads) thread.join();
  Drain();
}

}  // namespace
}  // namespace convoy::rpc
