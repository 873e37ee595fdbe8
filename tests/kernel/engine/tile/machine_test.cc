#include "kernel/engine/tile/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy::engine {
namespace {

TEST(MachineTest, IsNamedByProcessorInstructionsAndLibrary) {
  EXPECT_THAT(DescribeMachine(), ::testing::ContainsRegex(".+, isa [0-9]+, oneDNN 3\\.[0-9]+"));
  EXPECT_EQ(DescribeMachine(), DescribeMachine());
}

}  // namespace
}  // namespace convoy::engine
