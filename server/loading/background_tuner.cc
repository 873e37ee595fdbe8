#include "server/loading/background_tuner.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

#include "kernel/base/stop_and_join.h"
#include "kernel/base/thread.h"
#include "server/base/logging.h"

namespace convoy::loading {

using registry::LiveVersion;

BackgroundTuner::BackgroundTuner(const LayerCompiler& compiler, Hooks hooks)
    : compiler_(compiler), hooks_(std::move(hooks)) {}

void BackgroundTuner::Start(int niceness) {
  thread_ = std::jthread([this, niceness](const std::stop_token& stop) {
    SetThreadName("tuner");
    LowerPriority(niceness);
    Run(stop);
  });
}

void BackgroundTuner::Stop() { StopAndJoin(thread_, mutex_, changed_); }

void BackgroundTuner::Add(const std::shared_ptr<const LiveVersion>& live) {
  {
    MutexLock lock(mutex_);
    queue_.push_back(live);
  }
  changed_.NotifyAll();
}

size_t BackgroundTuner::waiting() const {
  MutexLock lock(mutex_);
  return queue_.size() + (busy_ ? 1 : 0);
}

void BackgroundTuner::Run(const std::stop_token& stop) {
  while (const std::optional<std::weak_ptr<const LiveVersion>> next = Take(stop)) {
    if (const std::shared_ptr<const LiveVersion> live = next->lock()) Tune(live, stop);
    bool idle = false;
    {
      MutexLock lock(mutex_);
      busy_ = false;
      idle = queue_.empty();
    }
    if (idle) hooks_.on_idle();
  }
}

std::optional<std::weak_ptr<const LiveVersion>> BackgroundTuner::Take(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  while (!stop.stop_requested() && queue_.empty()) changed_.Wait(mutex_);
  if (stop.stop_requested()) return std::nullopt;
  std::weak_ptr<const LiveVersion> next = std::move(queue_.front());
  queue_.pop_front();
  busy_ = true;
  return next;
}

void BackgroundTuner::Tune(const std::shared_ptr<const LiveVersion>& live,
                           const std::stop_token& stop) {
  auto tuned = compiler_.Tune(*live, [&] { return WaitForProcessor(stop); });
  if (tuned.ok()) {
    hooks_.replace(live, *std::move(tuned));
  } else if (!absl::IsCancelled(tuned.status())) {
    spdlog::warn("cannot tune layer={} version={} error={}", Quoted(live->name), live->version,
                 Quoted(std::string(tuned.status().message())));
  }
}

bool BackgroundTuner::WaitForProcessor(const std::stop_token& stop) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  while (!stop.stop_requested() && !hooks_.may_time()) {
    MutexLock lock(mutex_);
    if (!stop.stop_requested()) changed_.WaitFor(mutex_, kPause);
  }
  return !stop.stop_requested();
}

}  // namespace convoy::loading
