#include "server/rpc/convolution_queue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernel/base/thread.h"

namespace convoy::rpc {

ConvolutionQueue::~ConvolutionQueue() {
  std::thread thread;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    thread.swap(thread_);
  }
  changed_.NotifyOne();
  if (thread.joinable()) thread.join();
}

absl::Status ConvolutionQueue::Add(std::shared_ptr<registry::LazyHandle> convolution,
                                   batching::Task* task) {
  {
    const MutexLock lock(mutex_);
    if (waiting_.size() >= kMostWaiting) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the convolution of the layer is being prepared, and ", kMostWaiting, " requests wait"));
    }
    waiting_.push_back({std::move(convolution), task});
    if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
  }
  changed_.NotifyOne();
  return absl::OkStatus();
}

bool ConvolutionQueue::Cancel(batching::Task* task, const absl::Status& why) {
  {
    const MutexLock lock(mutex_);
    const auto found =
        std::find_if(waiting_.begin(), waiting_.end(),
                     [task](const Waiting& waiting) { return waiting.task == task; });
    if (found == waiting_.end()) return false;
    waiting_.erase(found);
  }
  task->Fail(why);
  return true;
}

void ConvolutionQueue::Work() {
  SetThreadName("convolutions");
  while (true) {
    std::shared_ptr<registry::LazyHandle> convolution;
    {
      const MutexLock lock(mutex_);
      while (waiting_.empty() && !closed_) changed_.Wait(mutex_);
      if (waiting_.empty()) return;
      convolution = waiting_.front().convolution;
    }
    Release(*convolution, convolution->Get());
  }
}

void ConvolutionQueue::Release(const registry::LazyHandle& convolution,
                               const absl::StatusOr<std::shared_ptr<batching::LayerHandle>>& made) {
  std::vector<std::pair<batching::Task*, absl::Status>> refused;
  {
    // Held meanwhile: whoever cancels a task finds it here or with whom it was submitted to.
    const MutexLock lock(mutex_);
    for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
      if (waiting->convolution.get() != &convolution) {
        ++waiting;
        continue;
      }
      batching::Task* const task = waiting->task;
      waiting = waiting_.erase(waiting);
      absl::Status status = made.ok() ? scheduler_.Submit(*made, task) : made.status();
      if (!status.ok()) refused.emplace_back(task, std::move(status));
    }
  }
  for (auto& [task, status] : refused) task->Fail(std::move(status));
  // Small work is left to whoever submits it.
  while (scheduler_.RunSmall()) {
  }
}

}  // namespace convoy::rpc
