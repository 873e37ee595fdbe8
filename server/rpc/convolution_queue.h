// Requests for a layer's convolution alone whose code is being made.
#ifndef CONVOY_SERVER_RPC_CONVOLUTION_QUEUE_H_
#define CONVOY_SERVER_RPC_CONVOLUTION_QUEUE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "server/batching/layer_handle.h"
#include "server/batching/scheduler.h"
#include "server/batching/task.h"
#include "server/registry/lazy_handle.h"

namespace convoy::rpc {

// Keeps tasks while a thread makes what they are run with, and then submits them.
//
// Thread-safe. Owns the thread, which begins with the first task; all tasks that were
// taken are called back before it ends.
class ConvolutionQueue {
 public:
  // More that wait are refused.
  static constexpr size_t kMostWaiting = 256;

  // The scheduler must outlive it.
  explicit ConvolutionQueue(batching::Scheduler& scheduler) : scheduler_(scheduler) {}
  ~ConvolutionQueue();
  ConvolutionQueue(const ConvolutionQueue&) = delete;
  ConvolutionQueue& operator=(const ConvolutionQueue&) = delete;

  // Takes `task` iff OK.
  //   RESOURCE_EXHAUSTED  too many wait.
  absl::Status Add(std::shared_ptr<registry::LazyHandle> convolution, batching::Task* task);

  // Calls `task` back with `why` if it still waits here. Otherwise, if it was submitted,
  // that is over when this returns false.
  bool Cancel(batching::Task* task, const absl::Status& why);

 private:
  struct Waiting {
    std::shared_ptr<registry::LazyHandle> convolution;
    batching::Task* task;
  };

  void Work();
  // Submits those that wait for it, or calls them back with the status.
  void Release(const registry::LazyHandle& convolution,
               const absl::StatusOr<std::shared_ptr<batching::LayerHandle>>& made);

  batching::Scheduler& scheduler_;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CONVOLUTION_QUEUE_H_
