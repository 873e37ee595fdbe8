#include "server/rpc/call_threads.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/thread.h"

namespace convoy::rpc {

CallThreads::CallThreads(const Options& options) : options_(options) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
}

CallThreads::~CallThreads() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

absl::Status CallThreads::Run(int64_t bytes, std::function<void()> job) {
  {
    const MutexLock lock(mutex_);
    const bool full = jobs_.size() >= options_.max_waiting ||
                      (!jobs_.empty() && waiting_bytes_ + bytes > options_.max_waiting_bytes);
    if (full) {
      return absl::ResourceExhaustedError(
          absl::StrCat(jobs_.size(), " calls that change or describe layers wait already"));
    }
    jobs_.push_back({bytes, std::move(job)});
    waiting_bytes_ += bytes;
  }
  changed_.NotifyOne();
  return absl::OkStatus();
}

void CallThreads::Continue(std::function<void()> job) {
  {
    const MutexLock lock(mutex_);
    jobs_.push_back({0, std::move(job)});
  }
  changed_.NotifyOne();
}

void CallThreads::Work() {
  SetThreadName(options_.name);
  LowerPriority(options_.niceness);
  while (true) {
    Job job;
    {
      const MutexLock lock(mutex_);
      while (jobs_.empty() && !stopping_) changed_.Wait(mutex_);
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      waiting_bytes_ -= job.bytes;
    }
    job.run();
  }
}

}  // namespace convoy::rpc
