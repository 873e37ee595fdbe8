#include "kernel/engine/workspace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace convoy::engine {
namespace {

// The pool's used bytes are those of batches and answers.
TEST(WorkspaceTest, TheScratchpadIsNotThePools) {
  batch::BufferPool pool(1 << 20);
  Workspace workspace(pool);
  std::fill_n(workspace.scratch().Scratchpad(4096), 4096, std::byte{1});
  std::fill_n(workspace.scratch().Scratchpad(100'000), 100'000, std::byte{2});
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.idle_bytes(), 0u);
}

TEST(WorkspaceTest, WorkspacesShareThePoolAndNothingElse) {
  batch::BufferPool pool(1 << 20);
  Workspace one(pool);
  Workspace other(pool);
  EXPECT_EQ(&one.pool(), &other.pool());
  EXPECT_NE(one.scratch().Scratchpad(1), other.scratch().Scratchpad(1));
  EXPECT_NE(&one.lists(), &other.lists());
}

TEST(WorkspaceTest, ListsShrinkAfterABatchOfVeryMany) {
  BatchLists lists;
  lists.inputs.resize(100);
  lists.outputs.resize(100'000);
  lists.Shrink();
  EXPECT_EQ(lists.inputs.capacity(), 100u);
  EXPECT_EQ(lists.outputs.capacity(), 0u);
}

int calls = 0;

TEST(WorkspaceTest, BetweenTilesIsNothingUntilItIsSet) {
  batch::BufferPool pool(1 << 20);
  Workspace workspace(pool);
  workspace.BetweenTiles();
  workspace.set_between_tiles([] { ++calls; });
  workspace.BetweenTiles();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace convoy::engine
