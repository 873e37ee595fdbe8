#include "kernel/engine/tile/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy::engine {
namespace {

TEST(MachineTest, IsNamedByProcessorInstructionsAndLibrary) {
  EXPECT_THAT(DescribeMachine(), ::testing::ContainsRegex(".+, isa [0-9]+, oneDNN 3\\.[0-9]+"));
  EXPECT_EQ(DescribeMachine(), DescribeMachine());
}

TEST(MachineTest, NamesTheInstructionSetAndTheVersion) {
  EXPECT_THAT(InstructionSet(), ::testing::MatchesRegex("(SSE|AVX|AMX)[-.0-9A-Z]*"));
  EXPECT_THAT(OnednnVersion(), ::testing::MatchesRegex("3\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace convoy::engine
