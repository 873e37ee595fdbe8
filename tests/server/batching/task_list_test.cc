#include "server/batching/task_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy::batching {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Listed final : public Task {
 public:
  void Succeed(TaskOutput) override {}
  void Fail(absl::Status) override {}
};

std::vector<const Task*> All(const TaskList& list) {
  std::vector<const Task*> all;
  for (const Task* task = list.front(); task != nullptr; task = TaskList::After(*task)) {
    all.push_back(task);
  }
  return all;
}

TEST(TaskListTest, TasksStandInTheOrderTheyCameAndLeaveFromAnywhere) {
  TaskList list;
  Listed a, b, c, d;
  for (Listed* task : {&a, &b, &c, &d}) list.PushBack(*task);
  EXPECT_THAT(All(list), ElementsAre(&a, &b, &c, &d));
  list.Remove(b);
  EXPECT_THAT(All(list), ElementsAre(&a, &c, &d));
  list.Remove(d);
  EXPECT_THAT(All(list), ElementsAre(&a, &c));
  list.Remove(a);
  EXPECT_THAT(All(list), ElementsAre(&c));
  list.Remove(c);
  EXPECT_TRUE(list.empty());
  EXPECT_THAT(All(list), IsEmpty());
}

TEST(TaskListTest, ATaskThatLeftMayComeAgain) {
  TaskList list;
  Listed a, b;
  list.PushBack(a);
  list.Remove(a);
  list.PushBack(b);
  list.PushBack(a);
  EXPECT_THAT(All(list), ElementsAre(&b, &a));
}

}  // namespace
}  // namespace convoy::batching
