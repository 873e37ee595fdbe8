#include "server/rpc/poller.h"

#include <grpc/support/time.h>
#include <pthread.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/alarm.h"
#include "gtest/gtest.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {
namespace {

// Records on the poller's thread what happens in which order.
class RecordingBackend final : public InferBackend {
 public:
  absl::Status Submit(const registry::LiveVersion&, batching::Task*) override {
    return absl::UnimplementedError("not used here");
  }
  absl::Status SubmitConvolution(const registry::LiveVersion& live, batching::Task* task) override {
    return Submit(live, task);
  }
  void Cancel(batching::Task*, const absl::Status&) override {}
  bool RunOnPoller() override {
    log += 'r';
    if (waiting == 0) {
      if (on_idle) on_idle();
      return false;
    }
    --waiting;
    return true;
  }

  bool AnswersPileUp() const override { return false; }
  bool Overloaded() const override {
    if (rounds == 0) return false;
    --rounds;
    return true;
  }

  std::string log;
  mutable int rounds = 0;  // steps for which it is overloaded
  int waiting = 0;         // pieces of work
  std::function<void()> on_idle;
};

class FunctionEvent final : public QueueEvent {
 public:
  explicit FunctionEvent(std::function<bool(bool)> function) : function_(std::move(function)) {}
  bool OnEvent(bool ok) override { return function_(ok); }

  // An event of `queue`, now.
  void Fire(grpc::CompletionQueue& queue) {
    alarm_.Set(&queue, gpr_inf_past(GPR_CLOCK_MONOTONIC), static_cast<QueueEvent*>(this));
  }

 private:
  std::function<bool(bool)> function_;
  grpc::Alarm alarm_;
};

// Lets a poller take `events` events, one after the other, that leave no work, and
// end.
void PollWithoutWork(RecordingBackend& backend, int events) {
  grpc::CompletionQueue queue;
  int left = events;
  std::unique_ptr<FunctionEvent> event;
  event = std::make_unique<FunctionEvent>([&](bool) {
    if (--left > 0) {
      event->Fire(queue);
    } else {
      queue.Shutdown();
    }
    return false;
  });
  event->Fire(queue);
  { Poller poller("test-poller", queue, backend); }
  EXPECT_EQ(left, 0);
}

TEST(PollerTest, EventsRunAndAnEmptyQueueThatIsShutDownEndsTheThread) {
  grpc::CompletionQueue queue;
  RecordingBackend backend;
  FunctionEvent event([&](bool ok) {
    backend.log += ok ? 'e' : 'x';
    queue.Shutdown();
    return false;
  });
  event.Fire(queue);
  { Poller poller("test-poller", queue, backend); }
  EXPECT_EQ(backend.log, "e");
}

TEST(PollerTest, WorkLeftForTheThreadRunsUntilThereIsNoMore) {
  grpc::CompletionQueue queue;
  RecordingBackend backend;
  backend.on_idle = [&] { queue.Shutdown(); };
  FunctionEvent event([&](bool) {
    backend.log += 'e';
    backend.waiting = 2;
    return true;
  });
  event.Fire(queue);
  { Poller poller("test-poller", queue, backend); }
  EXPECT_EQ(backend.log, "errr");
}

TEST(PollerTest, FurtherEventsComeBeforeWorkThatIsLeft) {
  grpc::CompletionQueue queue;
  RecordingBackend backend;
  backend.on_idle = [&] { queue.Shutdown(); };
  backend.waiting = 1;
  const auto submit = [&](bool) {
    backend.log += 'e';
    return true;
  };
  FunctionEvent first(submit);
  FunctionEvent second(submit);
  FunctionEvent third(submit);
  for (FunctionEvent* event : {&first, &second, &third}) event->Fire(queue);
  { Poller poller("test-poller", queue, backend); }
  EXPECT_EQ(backend.log, "eeerr");
}

TEST(PollerTest, TheBackEndIsNotAskedWhenNothingWasSubmitted) {
  RecordingBackend backend;
  backend.waiting = 1;
  PollWithoutWork(backend, 10);
  EXPECT_EQ(backend.log, "");
}

TEST(PollerTest, AFloodOfEventsDoesNotKeepWorkWaiting) {
  grpc::CompletionQueue queue;
  RecordingBackend backend;
  std::vector<std::unique_ptr<FunctionEvent>> flood;
  int begun = 0;
  int begun_at_first_run = 0;
  for (int i = 0; i < 500; ++i) {
    flood.push_back(std::make_unique<FunctionEvent>([&](bool) {
      if (begun_at_first_run == 0 && !backend.log.empty()) begun_at_first_run = begun;
      if (++begun == 500) queue.Shutdown();
      return true;
    }));
    flood.back()->Fire(queue);
  }
  { Poller poller("test-poller", queue, backend); }
  EXPECT_EQ(begun, 500);
  EXPECT_GT(begun_at_first_run, 0);
  EXPECT_LE(begun_at_first_run, 96);
  EXPECT_GE(backend.log.size(), 500u / 96);
}

TEST(PollerTest, InRoundsEventsRunAndWorkThatIsLeftToo) {
  grpc::CompletionQueue queue;
  RecordingBackend backend;
  backend.rounds = 1'000'000;  // to the queue's end
  FunctionEvent last([&](bool) {
    backend.log += 'l';
    queue.Shutdown();
    return false;
  });
  backend.on_idle = [&] { last.Fire(queue); };
  FunctionEvent first([&](bool) {
    backend.log += 'f';
    backend.waiting = 2;
    return true;
  });
  first.Fire(queue);
  { Poller poller("test-poller", queue, backend); }
  EXPECT_EQ(backend.log, "frrrl");
}

TEST(PollerTest, AfterRoundsItWaitsForEventsAgain) {
  RecordingBackend backend;
  backend.rounds = 5;
  PollWithoutWork(backend, 20);
  EXPECT_EQ(backend.rounds, 0);
  EXPECT_EQ(backend.log, "");
}

TEST(PollerTest, TheThreadCarriesItsName) {
  grpc::CompletionQueue queue;
  RecordingBackend backend;
  std::string name;
  std::unique_ptr<FunctionEvent> event;
  event = std::make_unique<FunctionEvent>([&](bool) {
    char buffer[16] = {};
    pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
    name = buffer;
    queue.Shutdown();
    return false;
  });
  {
    Poller poller("convoy-poll-0", queue, backend);
    event->Fire(queue);
  }
  EXPECT_EQ(name, "convoy-poll-0");
}

}  // namespace
}  // namespace convoy::rpc
