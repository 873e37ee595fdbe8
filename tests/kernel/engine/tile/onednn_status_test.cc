#include "kernel/engine/tile/onednn_status.h"

#include <gtest/gtest.h>

#include <new>

#include "absl/status/statusor.h"

namespace convoy::engine {
namespace {

absl::Status Throwing(dnnl_status_t status) {
  return CatchOnednn("testing", [&]() -> absl::Status { throw dnnl::error(status, "a reason"); });
}

TEST(OnednnStatusTest, WhatTheFunctionReturnsIsReturned) {
  EXPECT_TRUE(CatchOnednn("testing", [] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(CatchOnednn("testing", [] { return absl::AbortedError("mine"); }),
            absl::AbortedError("mine"));
  EXPECT_EQ(CatchOnednn("testing", []() -> absl::StatusOr<int> { return 5; }).value(), 5);
}

TEST(OnednnStatusTest, ErrorsOfOneDnnKeepTheirMessageAndGetACode) {
  EXPECT_EQ(Throwing(dnnl_unimplemented), absl::UnimplementedError("oneDNN: testing: a reason"));
  EXPECT_EQ(Throwing(dnnl_out_of_memory),
            absl::ResourceExhaustedError("oneDNN: testing: a reason"));
  EXPECT_EQ(Throwing(dnnl_invalid_arguments), absl::InternalError("oneDNN: testing: a reason"));
  EXPECT_EQ(Throwing(dnnl_runtime_error), absl::InternalError("oneDNN: testing: a reason"));
}

TEST(OnednnStatusTest, NoMemoryIsResourceExhausted) {
  const auto result =
      CatchOnednn("testing", []() -> absl::StatusOr<int> { throw std::bad_alloc(); });
  EXPECT_EQ(result.status(), absl::ResourceExhaustedError("testing: out of memory"));
}

}  // namespace
}  // namespace convoy::engine
