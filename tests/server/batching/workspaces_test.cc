#include "server/batching/workspaces.h"

#include <gtest/gtest.h>

namespace convoy::batching {
namespace {

class WorkspacesTest : public ::testing::Test {
 protected:
  batch::BufferPool pool_{1 << 20};
  Workspaces workspaces_{pool_};
};

TEST_F(WorkspacesTest, TheOneGivenBackLastIsTakenFirst) {
  auto one = workspaces_.Take();
  auto other = workspaces_.Take();
  EXPECT_EQ(&one->pool(), &pool_);
  engine::Workspace* const last = one.get();
  engine::Workspace* const first = other.get();
  EXPECT_NE(first, last);
  workspaces_.GiveBack(std::move(other));
  workspaces_.GiveBack(std::move(one));
  one = workspaces_.Take();
  other = workspaces_.Take();
  EXPECT_EQ(one.get(), last);
  EXPECT_EQ(other.get(), first);
}

TEST_F(WorkspacesTest, ThoseBeyondNeedGoAndTheOneInUseStays) {
  auto one = workspaces_.Take();
  auto other = workspaces_.Take();
  one->lists().inputs.resize(1);  // how the test tells them apart
  other->lists().inputs.resize(2);
  workspaces_.GiveBack(std::move(other));
  workspaces_.GiveBack(std::move(one));
  EXPECT_TRUE(workspaces_.ReleaseIdle());
  workspaces_.GiveBack(workspaces_.Take());
  EXPECT_TRUE(workspaces_.ReleaseIdle());
  one = workspaces_.Take();
  other = workspaces_.Take();
  EXPECT_EQ(one->lists().inputs.size(), 1u);
  EXPECT_EQ(other->lists().inputs.size(), 0u);  // a new one
}

TEST_F(WorkspacesTest, AllGoWhereNothingRan) {
  auto workspace = workspaces_.Take();
  workspace->lists().inputs.resize(1);
  workspaces_.GiveBack(std::move(workspace));
  EXPECT_TRUE(workspaces_.ReleaseIdle());
  EXPECT_FALSE(workspaces_.ReleaseIdle());
  EXPECT_EQ(workspaces_.Take()->lists().inputs.size(), 0u);
}

}  // namespace
}  // namespace convoy::batching
