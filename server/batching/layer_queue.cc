#include "server/batching/layer_queue.h"

namespace convoy::batching {

void LayerQueue::Push(Task* task) {
  waiting_.push_back(task);
  waiting_seconds_ += task->seconds_;
}

double LayerQueue::Take(double seconds, std::vector<Task*>& batch) {
  double taken = 0;
  do {
    Task* task = waiting_.front();
    waiting_.pop_front();
    batch.push_back(task);
    taken += task->seconds_;
  } while (!waiting_.empty() && taken + waiting_.front()->seconds_ <= seconds);
  waiting_seconds_ = waiting_.empty() ? 0 : waiting_seconds_ - taken;
  return taken;
}

}  // namespace convoy::batching
