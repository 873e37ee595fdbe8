#include "server/rpc/poller.h"

#include <grpc/support/time.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "kernel/base/thread.h"
#include "server/rpc/queue_event.h"
#include "server/rpc/thread_clock.h"

namespace convoy::rpc {
namespace {

// Under a flood there is always a further event; work must not wait for a pause
// that does not come. A call has three: it begins, it is answered, it is over.
constexpr int kMaxEventsBetweenRuns = 96;

// How long requests are left to gather while callers are turned away in numbers.
// Waking up for each of them costs the workers' cores and caches: 1,000 refusals
// of 120 KB a second a fifth of a core, in rounds a tenth. As long as a worker's
// turn, for which those who are not turned away wait anyway.
constexpr std::chrono::milliseconds kRound{2};

// The shortest that Linux gives: who moves bytes goes before the workers.
constexpr std::chrono::microseconds kTurn{100};

}  // namespace

Poller::Poller(const std::string& name, grpc::CompletionQueue& queue, InferBackend& backend)
    : queue_(queue), backend_(backend), thread_([this, name] { Run(name); }) {}

Poller::~Poller() { thread_.join(); }

void Poller::Run(const std::string& name) {
  SetThreadName(name);
  PreferTurns(kTurn);
  id_ = gettid();
  while (Step()) {
  }
}

std::optional<uint64_t> Poller::call() const {
  const uint64_t passages = passages_.load(std::memory_order_relaxed);
  if (passages % 2 == 0) return std::nullopt;
  return passages;
}

std::chrono::nanoseconds Poller::cpu() const {
  const pid_t id = id_;
  return id == 0 ? std::chrono::nanoseconds(0) : ThreadCpu(id);
}

bool Poller::Step() {
  void* tag = nullptr;
  bool ok = false;
  const grpc::CompletionQueue::NextStatus next = Next(&tag, &ok);
  if (next == grpc::CompletionQueue::SHUTDOWN) return false;
  if (next == grpc::CompletionQueue::TIMEOUT) {
    if (work_may_wait_) {
      work_may_wait_ = backend_.RunOnPoller();
    } else {
      std::this_thread::sleep_for(kRound);
    }
    events_since_run_ = 0;
    return true;
  }
  if (static_cast<QueueEvent*>(tag)->OnEvent(ok)) work_may_wait_ = true;
  if (work_may_wait_) ++events_since_run_;
  return true;
}

grpc::CompletionQueue::NextStatus Poller::Next(void** tag, bool* ok) {
  const bool waits = !work_may_wait_ && !backend_.Overloaded();
  if (!waits && events_since_run_ == kMaxEventsBetweenRuns) return grpc::CompletionQueue::TIMEOUT;
  const uint64_t passages = passages_.load(std::memory_order_relaxed);
  passages_.store(passages + 1, std::memory_order_relaxed);
  const auto until =
      waits ? gpr_inf_future(GPR_CLOCK_MONOTONIC) : gpr_inf_past(GPR_CLOCK_MONOTONIC);
  const auto next = queue_.AsyncNext(tag, ok, until);
  passages_.store(passages + 2, std::memory_order_relaxed);
  return next;
}

}  // namespace convoy::rpc
