#include "server/rpc/loop_lag.h"

#include "grpcpp/completion_queue.h"
#include "gtest/gtest.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {
namespace {

// Runs one event of the queue; false at its end.
bool Step(grpc::CompletionQueue& queue) {
  void* tag;
  bool ok;
  if (!queue.Next(&tag, &ok)) return false;
  static_cast<QueueEvent*>(tag)->OnEvent(ok);
  return true;
}

uint64_t Count(const LoopLag& lag) { return lag.nanoseconds().CumulativeCounts().back(); }

TEST(LoopLagTest, RingsEveryQueueAgainAndAgain) {
  LoopLag lag;
  grpc::CompletionQueue first;
  grpc::CompletionQueue second;
  lag.Add(first);
  lag.Add(second);
  lag.Start();
  ASSERT_TRUE(Step(first));
  ASSERT_TRUE(Step(second));
  ASSERT_TRUE(Step(first));
  EXPECT_EQ(Count(lag), 3u);
  EXPECT_GT(lag.nanoseconds().Sum(), 0u);
  lag.Close();
  for (grpc::CompletionQueue* queue : {&first, &second}) {
    queue->Shutdown();
    while (Step(*queue)) {
    }
  }
}

TEST(LoopLagTest, APollerThatDoesNotAnswerOwesOneAnswer) {
  LoopLag lag;
  grpc::CompletionQueue asleep;
  grpc::CompletionQueue awake;
  lag.Add(asleep);
  lag.Add(awake);
  lag.Start();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Step(awake));
  lag.Close();
  asleep.Shutdown();
  int answers = 0;
  while (Step(asleep)) ++answers;
  EXPECT_EQ(answers, 1);
  awake.Shutdown();
  while (Step(awake)) {
  }
}

TEST(LoopLagTest, CanBeClosedTwiceAndUnstarted) {
  LoopLag lag;
  grpc::CompletionQueue queue;
  lag.Add(queue);
  lag.Close();
  lag.Close();
  queue.Shutdown();
  EXPECT_FALSE(Step(queue));
}

}  // namespace
}  // namespace convoy::rpc
