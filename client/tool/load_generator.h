// Load on one RPC, as fast as answers come or at a fixed rate.
#ifndef CONVOY_CLIENT_TOOL_LOAD_GENERATOR_H_
#define CONVOY_CLIENT_TOOL_LOAD_GENERATOR_H_

#include <grpcpp/alarm.h>
#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/tool/load_tally.h"

namespace convoy::tool {

struct LoadOptions {
  // Full method name: "/package.Service/Method".
  std::string method;
  // Requests per second, at even distances; 0 for a new one whenever one ends.
  double rate = 0;
  // Requests under way: so many at any time, with a rate at most so many. At
  // least 1.
  int inflight = 16;
  // No request starts, or is due, later than this after the first.
  absl::Duration duration = absl::Seconds(5);
  // Requests in all, dropped ones included; 0 for as many as fit into
  // `duration`.
  int64_t max_requests = 0;
  // Deadline of each request.
  absl::Duration timeout = absl::Seconds(10);
};

// Without a rate the load is closed: `inflight` calls are under way, and whenever
// one ends the next begins. A slow server gets fewer requests; latencies are
// those of callers who wait for their answers.
//
// With a rate it is open: requests are due on a schedule that knows nothing of
// answers, and a latency is counted from when its request was due, also where the
// generator was late. One that is due while `inflight` are under way is dropped:
// not sent, and counted as nothing but that.
//
// The messages are encoded once and go out as they are, in rotation, and
// answers are not parsed: the generator takes as little as it can of a machine
// it shares with the server. One completion queue; all on the thread that calls Run,
// and for an open load a second one that begins the calls: gRPC's own waits are whole
// milliseconds. The places for calls under way are dealt to the channels in turn.
//
// Not thread-safe; Run once.
class LoadGenerator {
 public:
  // REQUIRES: neither `channels` nor `messages` is empty.
  LoadGenerator(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                const std::vector<std::string>& messages, LoadOptions options);

  // Returns when the last request has ended. `on_second` gets the tally of
  // every full second.
  LoadTally Run(const std::function<void(const LoadTally&)>& on_second);

 private:
  using Clock = std::chrono::steady_clock;

  // One place for a call in flight, used again and again.
  struct Slot {
    grpc::GenericStub* stub = nullptr;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    size_t message = 0;
    Clock::time_point due;  // without a rate: when it began
  };

  // Fills every slot, once.
  void StartAll();
  // The schedule of an open load: returns when the last request was due.
  void Arrive();
  Slot* TakeFreeSlot();
  // Takes one event if there is one until then.
  void WaitForEvent(Clock::time_point until);
  void Start(Slot& slot, Clock::time_point due);
  void Finish(Slot& slot, Clock::time_point now);
  // Takes further requests into a slot that has become free, or puts it back.
  void Reuse(Slot& slot, Clock::time_point now);
  bool MayStart(Clock::time_point now) const;
  // Closes the current stretch at `now` and returns it.
  LoadTally CloseStretch(Clock::time_point now);

  const LoadOptions options_;
  std::vector<grpc::GenericStub> stubs_;
  std::vector<grpc::ByteBuffer> messages_;
  std::vector<Slot> slots_;
  // After the slots, so that it goes before them.
  grpc::CompletionQueue queue_;

  // Used by the thread that begins calls; by the other once arriving_ is false.
  int64_t started_ = 0;
  Clock::time_point begin_;
  Clock::time_point end_;

  std::atomic<int64_t> dropped_{0};
  absl::Mutex mutex_;
  std::vector<Slot*> free_slots_ ABSL_GUARDED_BY(mutex_);  // of an open load

  // Used by the thread that called Run.
  grpc::Alarm arrived_;  // its event, without a tag, ends the arrivals
  bool arriving_ = false;
  int64_t ended_ = 0;
  Clock::time_point stretch_start_;
  LoadTally stretch_;
};

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LOAD_GENERATOR_H_
