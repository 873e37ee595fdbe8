#include "kernel/base/status_macros.h"

#include <gtest/gtest.h>

#include <memory>

namespace convoy {
namespace {

absl::StatusOr<std::unique_ptr<int>> Make(bool succeed) {
  if (!succeed) return absl::NotFoundError("nothing here");
  return std::make_unique<int>(7);
}

absl::StatusOr<int> SumOfTwo(bool first, bool second) {
  CONVOY_ASSIGN_OR_RETURN(const std::unique_ptr<int> a, Make(first));
  CONVOY_ASSIGN_OR_RETURN(const std::unique_ptr<int> b, Make(second));
  return *a + *b;
}

absl::Status CountCalls(const absl::Status& status, int& evaluated, int& passed) {
  CONVOY_RETURN_IF_ERROR((++evaluated, status));
  ++passed;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignOrReturnMovesTheValueOut) {
  EXPECT_EQ(SumOfTwo(true, true).value(), 14);
}

TEST(StatusMacrosTest, AssignOrReturnReturnsTheStatusOfWhicheverFails) {
  EXPECT_EQ(SumOfTwo(false, true).status(), absl::NotFoundError("nothing here"));
  EXPECT_EQ(SumOfTwo(true, false).status(), absl::NotFoundError("nothing here"));
}

TEST(StatusMacrosTest, ReturnIfErrorEvaluatesOnceAndGoesOnWhenAllIsWell) {
  int evaluated = 0;
  int passed = 0;
  EXPECT_TRUE(CountCalls(absl::OkStatus(), evaluated, passed).ok());
  EXPECT_EQ(evaluated, 1);
  EXPECT_EQ(passed, 1);
}

TEST(StatusMacrosTest, ReturnIfErrorEvaluatesOnceAndStopsAtAnError) {
  int evaluated = 0;
  int passed = 0;
  EXPECT_EQ(CountCalls(absl::AbortedError("no"), evaluated, passed), absl::AbortedError("no"));
  EXPECT_EQ(evaluated, 1);
  EXPECT_EQ(passed, 0);
}

}  // namespace
}  // namespace convoy
