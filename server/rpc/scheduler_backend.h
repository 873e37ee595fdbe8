// The back end of the real server: the batching scheduler.
#ifndef CONVOY_SERVER_RPC_SCHEDULER_BACKEND_H_
#define CONVOY_SERVER_RPC_SCHEDULER_BACKEND_H_

#include "server/batching/scheduler.h"
#include "server/rpc/infer_backend.h"

namespace convoy::rpc {

// Thread-safe. Refers to the scheduler, which must outlive it.
class SchedulerBackend final : public InferBackend {
 public:
  explicit SchedulerBackend(batching::Scheduler& scheduler) : scheduler_(scheduler) {}

  absl::Status Submit(const registry::LiveVersion& version, batching::Task* task) override {
    return scheduler_.Submit(version.handle, task);
  }
  void Cancel(batching::Task* task, const absl::Status& why) override {
    scheduler_.Cancel(task, why);
  }
  bool RunOnPoller() override { return scheduler_.RunSmall(); }
  bool Overloaded() const override { return scheduler_.Overloaded(); }

 private:
  batching::Scheduler& scheduler_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_SCHEDULER_BACKEND_H_
