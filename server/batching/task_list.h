// Tasks in a row, linked through themselves.
#ifndef CONVOY_SERVER_BATCHING_TASK_LIST_H_
#define CONVOY_SERVER_BATCHING_TASK_LIST_H_

#include "server/batching/task.h"

namespace convoy::batching {

// Adds at the end and removes anywhere in constant time, without memory of its
// own. A task is in at most one list. Not thread-safe.
class TaskList {
 public:
  bool empty() const { return first_ == nullptr; }
  // Null when empty.
  Task* front() const { return first_; }
  // Null after the last. REQUIRES: `task` is in this list.
  static Task* After(const Task& task) { return task.next_; }

  void PushBack(Task& task) {
    task.previous_ = last_;
    task.next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = &task;
    last_ = &task;
  }

  // REQUIRES: `task` is in this list.
  void Remove(Task& task) {
    (task.previous_ == nullptr ? first_ : task.previous_->next_) = task.next_;
    (task.next_ == nullptr ? last_ : task.next_->previous_) = task.previous_;
  }

 private:
  Task* first_ = nullptr;
  Task* last_ = nullptr;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TASK_LIST_H_
