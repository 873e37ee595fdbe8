#include "server/batching/per_layer.h"

#include <gtest/gtest.h>

#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::MakeHandle;

TEST(PerLayerTest, EachLayerHasAStateThatStaysWhereItIs) {
  PerLayer<int> states;
  const auto a = MakeHandle(), b = MakeHandle();
  EXPECT_EQ(states.Find(*a), nullptr);
  int& of_a = states.Get(a);
  EXPECT_EQ(of_a, 0);
  of_a = 5;
  states.Get(b) = 7;
  EXPECT_EQ(states.Find(*a), &of_a);
  EXPECT_EQ(states.Get(a), 5);
  EXPECT_EQ(states.Get(b), 7);
}

TEST(PerLayerTest, StatesOfLayersThatAreGoneAreForgotten) {
  PerLayer<int> states;
  const auto stays = MakeHandle();
  states.Get(stays) = 1;
  for (int i = 0; i < 100; ++i) {
    const auto replaced = MakeHandle();
    EXPECT_EQ(states.Find(*replaced), nullptr);
    // Often where the last one lived.
    EXPECT_EQ(states.Get(replaced), 0);
    states.Get(replaced) = 2;
    EXPECT_EQ(states.size(), 2u);
  }
  EXPECT_EQ(states.Get(stays), 1);
}

}  // namespace
}  // namespace convoy::batching
