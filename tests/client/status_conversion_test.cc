#include "client/status_conversion.h"

#include <gtest/gtest.h>

namespace convoy::client {
namespace {

TEST(StatusConversion, EveryCodeKeepsItsNumberAndMessage) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status =
        ToAbslStatus(grpc::Status(static_cast<grpc::StatusCode>(code), "why"));
    EXPECT_EQ(static_cast<int>(status.code()), code);
    EXPECT_EQ(status.message(), "why");
  }
}

TEST(StatusConversion, OkIsOk) { EXPECT_TRUE(ToAbslStatus(grpc::Status::OK).ok()); }

TEST(StatusConversion, NamesAreThoseOfGrpc) {
  EXPECT_EQ(
      absl::StatusCodeToString(ToAbslStatus({grpc::StatusCode::RESOURCE_EXHAUSTED, ""}).code()),
      "RESOURCE_EXHAUSTED");
}

}  // namespace
}  // namespace convoy::client
