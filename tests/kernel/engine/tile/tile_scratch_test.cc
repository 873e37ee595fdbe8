#include "kernel/engine/tile/tile_scratch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "kernel/engine/tile/onednn.h"

namespace convoy::engine {
namespace {

TEST(TileScratchTest, TheScratchpadStaysUntilALargerOneIsAskedFor) {
  TileScratch scratch;
  const std::byte* first = scratch.Scratchpad(5000);
  EXPECT_EQ(scratch.Scratchpad(1), first);
  EXPECT_EQ(scratch.Scratchpad(0), first);
  EXPECT_EQ(scratch.Scratchpad(5000), first);
}

TEST(TileScratchTest, TheScratchpadIsAsLargeAsAskedForAndAlignedToACacheLine) {
  TileScratch scratch;
  for (const size_t bytes : {0, 100, 70000, 7, 1 << 20}) {
    std::byte* const pad = scratch.Scratchpad(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(pad) % 64, 0u);
    std::fill_n(pad, bytes, std::byte{1});
  }
}

TEST(TileScratchTest, TwoShareNothing) {
  TileScratch one;
  TileScratch other;
  EXPECT_NE(one.Scratchpad(1), other.Scratchpad(1));
  EXPECT_NE(one.stream().get(), other.stream().get());
}

}  // namespace
}  // namespace convoy::engine
