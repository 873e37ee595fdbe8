#include "kernel/base/out_of_memory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace convoy {
namespace {

TEST(OutOfMemoryTest, WhatTheFunctionReturnsIsReturned) {
  EXPECT_TRUE(CatchOutOfMemory("adding", [] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(*CatchOutOfMemory("adding", [] { return absl::StatusOr<int>(3); }), 3);
  EXPECT_TRUE(absl::IsNotFound(CatchOutOfMemory("adding", [] { return absl::NotFoundError(""); })));
}

TEST(OutOfMemoryTest, AnAllocationThatFailsIsAStatusThatSaysWhatWasDone) {
  const absl::Status status =
      CatchOutOfMemory("adding", []() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_EQ(status, absl::ResourceExhaustedError("adding: out of memory"));
}

TEST(OutOfMemoryTest, ALengthThatNoContainerHoldsIsOneToo) {
  const auto made = CatchOutOfMemory("adding", []() -> absl::StatusOr<std::vector<int>> {
    return std::vector<int>(std::vector<int>().max_size() + size_t{1});
  });
  EXPECT_TRUE(absl::IsResourceExhausted(made.status()));
}

}  // namespace
}  // namespace convoy
