#include "server/rpc/poller.h"

#include <grpc/support/time.h>

#include "server/batching/thread.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {
namespace {

// Under a flood there is always a further event; work must not wait for a pause
// that does not come. A call has three: it begins, it is answered, it is over.
constexpr int kMaxEventsBetweenRuns = 96;

}  // namespace

Poller::Poller(const std::string& name, grpc::CompletionQueue& queue, InferBackend& backend)
    : queue_(queue), backend_(backend), thread_([this, name] { Run(name); }) {}

Poller::~Poller() { thread_.join(); }

void Poller::Run(const std::string& name) {
  batching::SetThreadName(name);
  batching::PreferShortTurns();
  while (Step()) {
  }
}

bool Poller::Step() {
  void* tag = nullptr;
  bool ok = false;
  if (!work_may_wait_) {
    if (!queue_.Next(&tag, &ok)) return false;
  } else {
    const auto next = events_since_run_ == kMaxEventsBetweenRuns
                          ? grpc::CompletionQueue::TIMEOUT
                          : queue_.AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
    if (next == grpc::CompletionQueue::SHUTDOWN) return false;
    if (next == grpc::CompletionQueue::TIMEOUT) {
      work_may_wait_ = backend_.RunOnPoller();
      events_since_run_ = 0;
      return true;
    }
  }
  if (static_cast<QueueEvent*>(tag)->OnEvent(ok)) work_may_wait_ = true;
  if (work_may_wait_) ++events_since_run_;
  return true;
}

}  // namespace convoy::rpc
