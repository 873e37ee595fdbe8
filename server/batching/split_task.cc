#include "server/batching/split_task.h"

#include <utility>

#include "kernel/batch/parts.h"

namespace convoy::batching {

SplitTask::SplitTask(Task* whole, std::vector<batch::Input> inputs)
    : whole_(whole), parts_(inputs.size()), outputs_(inputs.size()), left_(inputs.size()) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    parts_[i].input = std::move(inputs[i]);
    parts_[i].deadline = whole->deadline;
    parts_[i].priority = whole->priority;
    parts_[i].split = this;
    parts_[i].index = i;
    parts_[i].entry.task = &parts_[i];
    parts_[i].entry.whole = &whole->entry;
  }
}

std::vector<Entry*> SplitTask::parts() {
  std::vector<Entry*> parts;
  for (Part& part : parts_) parts.push_back(&part.entry);
  return parts;
}

void SplitTask::Collect(size_t index, TaskOutput output) {
  outputs_[index] = std::move(output);
  CountDown();
}

void SplitTask::Fail(const absl::Status& status) {
  {
    MutexLock lock(mutex_);
    failure_.Update(status);
  }
  CountDown();
}

void SplitTask::CountDown() {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  absl::Status failure;
  {
    MutexLock lock(mutex_);
    failure = failure_;
  }
  Task* const whole = whole_;
  std::vector<TaskOutput> outputs = std::move(outputs_);
  delete this;
  if (failure.ok()) {
    whole->Succeed(batch::Join(std::move(outputs)));
  } else {
    whole->Fail(std::move(failure));
  }
}

}  // namespace convoy::batching
