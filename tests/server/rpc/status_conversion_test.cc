#include "server/rpc/status_conversion.h"

#include <string>

#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

TEST(StatusConversionTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(StatusConversionTest, EveryCodeKeepsItsNumberAndMessage) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status status =
        ToGrpcStatus(absl::Status(static_cast<absl::StatusCode>(code), "why"));
    EXPECT_EQ(static_cast<int>(status.error_code()), code);
    EXPECT_EQ(status.error_message(), "why");
  }
}

TEST(StatusConversionTest, MessagesAreCutOnlyBeyondTheLimit) {
  const std::string full(kMaxStatusMessageBytes, 'x');
  EXPECT_EQ(ToGrpcStatus(absl::InternalError(full)).error_message(), full);
  const std::string cut = ToGrpcStatus(absl::InternalError(full + "x")).error_message();
  EXPECT_EQ(cut.size(), kMaxStatusMessageBytes);
  EXPECT_EQ(cut.substr(cut.size() - 4), "x...");
}

TEST(StatusConversionTest, ACharacterIsNotCutInTwo) {
  for (int shift = 0; shift < 3; ++shift) {
    std::string text(shift, 'x');
    while (text.size() <= kMaxStatusMessageBytes) text += "\u20AC";
    const std::string cut = ToGrpcStatus(absl::InternalError(text)).error_message();
    EXPECT_LE(cut.size(), kMaxStatusMessageBytes);
    EXPECT_EQ((cut.size() - 3 - shift) % 3, 0u);
    EXPECT_EQ(cut.substr(0, cut.size() - 3), text.substr(0, cut.size() - 3));
  }
}

}  // namespace
}  // namespace convoy::rpc
