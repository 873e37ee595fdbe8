#include "server/rpc/message_bytes.h"

#include <string>

#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;

TEST(MessageBytesTest, AMessageSurvivesTheWayThereAndBackHoweverItIsCut) {
  HealthCheckRequest request;
  request.set_service("some layer");
  const std::string text = TextOf(SerializeMessage(request));
  EXPECT_EQ(text, request.SerializeAsString());
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    HealthCheckRequest parsed;
    EXPECT_TRUE(ParseMessage(MakeByteBuffer(text, {cut}), 100, parsed).ok());
    EXPECT_EQ(parsed.service(), "some layer");
  }
}

TEST(MessageBytesTest, AnEmptyMessageIsOne) {
  HealthCheckRequest parsed;
  EXPECT_TRUE(ParseMessage(MakeByteBuffer(""), 0, parsed).ok());
  EXPECT_EQ(TextOf(SerializeMessage(parsed)), "");
}

TEST(MessageBytesTest, HalfAMessageIsRefused) {
  HealthCheckRequest parsed;
  EXPECT_EQ(ParseMessage(MakeByteBuffer("\x0A\x02x"), 100, parsed).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MessageBytesTest, TheLimitIsOfTheBytes) {
  HealthCheckRequest parsed;
  EXPECT_TRUE(ParseMessage(MakeByteBuffer("\x0A\x01x"), 3, parsed).ok());
  EXPECT_EQ(ParseMessage(MakeByteBuffer("\x0A\x01x"), 2, parsed).code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace convoy::rpc
