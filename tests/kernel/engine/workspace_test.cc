#include "kernel/engine/workspace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "kernel/engine/onednn.h"

namespace convoy::engine {
namespace {

TEST(WorkspaceTest, TheScratchpadStaysUntilALargerOneIsAskedFor) {
  batch::BufferPool pool(1 << 20);
  Workspace workspace(pool);
  const std::byte* first = workspace.Scratchpad(5000);
  EXPECT_EQ(workspace.Scratchpad(1), first);
  EXPECT_EQ(workspace.Scratchpad(0), first);
  EXPECT_EQ(workspace.Scratchpad(5000), first);
}

// The pool's used bytes are those of batches and answers.
TEST(WorkspaceTest, TheScratchpadIsNotThePools) {
  batch::BufferPool pool(1 << 20);
  Workspace workspace(pool);
  std::fill_n(workspace.Scratchpad(4096), 4096, std::byte{1});
  std::fill_n(workspace.Scratchpad(100'000), 100'000, std::byte{2});
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.idle_bytes(), 0u);
}

TEST(WorkspaceTest, TheScratchpadIsAlignedToACacheLine) {
  batch::BufferPool pool(1 << 20);
  Workspace workspace(pool);
  for (const size_t bytes : {0, 100, 70000}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(workspace.Scratchpad(bytes)) % 64, 0u);
  }
}

TEST(WorkspaceTest, WorkspacesShareThePoolAndNothingElse) {
  batch::BufferPool pool(1 << 20);
  Workspace one(pool);
  Workspace other(pool);
  EXPECT_EQ(&one.pool(), &other.pool());
  EXPECT_NE(one.Scratchpad(1), other.Scratchpad(1));
  EXPECT_NE(&one.floats(), &other.floats());
  EXPECT_NE(one.stream().stream.get(), other.stream().stream.get());
}

}  // namespace
}  // namespace convoy::engine
