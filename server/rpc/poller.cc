#include "server/rpc/poller.h"

#include <grpc/support/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
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

// Of processor time in one call of gRPC; then a thread is held. Ordinary ones take tens of
// microseconds.
constexpr std::chrono::milliseconds kHeld{5};

// How long the others watch closely after that, how often they look, and what is held
// then: calls wait for a millisecond at most meanwhile.
constexpr std::chrono::seconds kWatch{10};
constexpr std::chrono::milliseconds kPeek{1};
constexpr std::chrono::milliseconds kGlance{1};
constexpr std::chrono::milliseconds kHeldWatched{2};

}  // namespace

Poller::Poller(const std::string& name, grpc::CompletionQueue& queue, InferBackend& backend)
    : queue_(queue), backend_(backend) {
  serving_ = &servers_.front();
  std::string suffix;
  for (size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].thread =
        std::thread([this, i, own_name = name + suffix] { Run(servers_[i], own_name); });
    suffix = static_cast<char>('b' + i);
  }
}

Poller::~Poller() {
  for (Server& server : servers_) server.thread.join();
}

std::array<Reader, Poller::kThreads> Poller::readers() const {
  std::array<Reader, kThreads> readers;
  std::transform(servers_.begin(), servers_.end(), readers.begin(), ReaderOf);
  return readers;
}

Reader Poller::ReaderOf(const Server& server) {
  const auto call = [&server]() -> std::optional<uint64_t> {
    const uint64_t passages = server.passages.load(std::memory_order_relaxed);
    if (passages % 2 == 0) return std::nullopt;
    return passages;
  };
  const auto cpu = [&server] {
    const pid_t id = server.id;
    return id == 0 ? std::chrono::nanoseconds(0) : ThreadCpu(id);
  };
  return {call, cpu};
}

std::chrono::nanoseconds Poller::Watch::Look(const Server& server) {
  const Reader reader = ReaderOf(server);
  if (&server != server_) {
    server_ = &server;
    stay_.Restart(reader);
  }
  return stay_.Look(reader);
}

void Poller::Look() {
  if (guard_.Look(*serving_) < kHeld) return;
  MutexLock lock(mutex_);
  watch_until_ = Clock::now() + kWatch;
  watching_.store(true, std::memory_order_relaxed);
  changed_.NotifyAll();
}

void Poller::Run(Server& server, const std::string& name) {
  SetThreadName(name);
  PreferTurns(kTurn);
  server.id = gettid();
  while (WaitForTurn(server)) {
    while (serving_.load(std::memory_order_relaxed) == &server) {
      if (!Step(server)) return End();
    }
    // Its last event may have brought work.
    while (server.work_may_wait) server.work_may_wait = backend_.RunOnPoller();
  }
}

bool Poller::WaitForTurn(Server& server) {
  Watch watch;
  MutexLock lock(mutex_);
  while (serving_ != &server && !ended_) {
    if (Clock::now() >= watch_until_) {
      watching_.store(false, std::memory_order_relaxed);
      changed_.Wait(mutex_);
    } else {
      changed_.WaitFor(mutex_, kPeek);
      TakeOverIfHeld(server, watch);
    }
  }
  return !ended_;
}

void Poller::TakeOverIfHeld(Server& server, Watch& watch) {
  if (watch.Look(*serving_) < kHeldWatched) return;
  watch_until_ = Clock::now() + kWatch;
  serving_.store(&server, std::memory_order_relaxed);
  server.work_may_wait = true;  // which the other has left
}

void Poller::TakeBack(Server& server) {
  if (serving_.load(std::memory_order_relaxed) == &server) return;
  MutexLock lock(mutex_);
  // Otherwise the one that serves may wait for events for long, and both would serve.
  if (watching_) serving_.store(&server, std::memory_order_relaxed);
}

void Poller::End() {
  MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

bool Poller::Step(Server& server) {
  void* tag = nullptr;
  bool ok = false;
  const bool overloaded = !server.work_may_wait && backend_.Overloaded();
  const auto next = Next(server, !server.work_may_wait && !overloaded, &tag, &ok);
  if (next == grpc::CompletionQueue::SHUTDOWN) return false;
  if (next == grpc::CompletionQueue::TIMEOUT) {
    if (server.work_may_wait) server.work_may_wait = backend_.RunOnPoller();
    if (overloaded) std::this_thread::sleep_for(kRound);
    server.events_since_run = 0;
    return true;
  }
  TakeBack(server);
  MutexLock lock(events_);
  if (static_cast<QueueEvent*>(tag)->OnEvent(ok)) server.work_may_wait = true;
  if (server.work_may_wait) ++server.events_since_run;
  return true;
}

grpc::CompletionQueue::NextStatus Poller::Next(Server& server, bool waits, void** tag, bool* ok) {
  if (!waits && server.events_since_run == kMaxEventsBetweenRuns) {
    return grpc::CompletionQueue::TIMEOUT;
  }
  gpr_timespec until =
      waits ? gpr_inf_future(GPR_CLOCK_MONOTONIC) : gpr_inf_past(GPR_CLOCK_MONOTONIC);
  if (waits && watching_.load(std::memory_order_relaxed)) {
    until = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                         gpr_time_from_millis(kGlance.count(), GPR_TIMESPAN));
  }
  const uint64_t passages = server.passages.load(std::memory_order_relaxed);
  server.passages.store(passages + 1, std::memory_order_relaxed);
  const auto next = queue_.AsyncNext(tag, ok, until);
  server.passages.store(passages + 2, std::memory_order_relaxed);
  return next;
}

}  // namespace convoy::rpc
