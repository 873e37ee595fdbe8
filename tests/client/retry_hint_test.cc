#include "client/retry_hint.h"

#include <gtest/gtest.h>

namespace convoy::client {
namespace {

TEST(RetryHint, WhatIsAttachedIsFoundAgain) {
  absl::Status status = absl::ResourceExhaustedError("queue is full");
  AttachRetryHint("20", status);
  EXPECT_EQ(RetryHint(status), absl::Milliseconds(20));
  EXPECT_EQ(status.message(), "queue is full");
  AttachRetryHint("0", status);
  EXPECT_EQ(RetryHint(status), absl::ZeroDuration());
}

TEST(RetryHint, AStatusWithoutOneHasNone) {
  EXPECT_EQ(RetryHint(absl::ResourceExhaustedError("queue is full")), std::nullopt);
  EXPECT_EQ(RetryHint(absl::OkStatus()), std::nullopt);
}

TEST(RetryHint, TextThatIsNoTimeIsIgnored) {
  for (const char* text : {"", "soon", "-1", "1.5", "99999999999999999999"}) {
    absl::Status status = absl::ResourceExhaustedError("queue is full");
    AttachRetryHint(text, status);
    EXPECT_EQ(RetryHint(status), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace convoy::client
