// The back end of the real server: the batching scheduler.
#ifndef CONVOY_SERVER_RPC_SCHEDULER_BACKEND_H_
#define CONVOY_SERVER_RPC_SCHEDULER_BACKEND_H_

#include <memory>

#include "server/batching/scheduler.h"
#include "server/rpc/convolution_queue.h"
#include "server/rpc/infer_backend.h"

namespace convoy::rpc {

// Thread-safe. Refers to the scheduler, which must outlive it.
class SchedulerBackend final : public InferBackend {
 public:
  explicit SchedulerBackend(batching::Scheduler& scheduler) : scheduler_(scheduler) {}

  absl::Status Submit(const registry::LiveVersion& version, batching::Task* task) override {
    return scheduler_.Submit(version.handle, task);
  }
  absl::Status SubmitConvolution(const registry::LiveVersion& version,
                                 batching::Task* task) override {
    if (version.convolution == nullptr) return Submit(version, task);
    const std::shared_ptr<batching::LayerHandle> ready = version.convolution->ready();
    return ready != nullptr ? scheduler_.Submit(ready, task)
                            : convolutions_.Add(version.convolution, task);
  }
  void Cancel(batching::Task* task, const absl::Status& why) override {
    if (!convolutions_.Cancel(task, why)) scheduler_.Cancel(task, why);
  }
  bool RunOnPoller() override { return scheduler_.RunSmall(); }
  bool Overloaded() const override { return scheduler_.Overloaded(); }
  bool AnswersPileUp() const override { return scheduler_.AnswersPileUp(); }

 private:
  batching::Scheduler& scheduler_;
  ConvolutionQueue convolutions_{scheduler_};
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_SCHEDULER_BACKEND_H_
