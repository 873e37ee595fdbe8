#include "server/base/host_port.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

using ::testing::HasSubstr;

TEST(HostPortTest, ReadsAndWritesAddresses) {
  for (const std::string text :
       {"127.0.0.1:8002", "localhost:0", "0.0.0.0:65535", "[::1]:8002", "[::]:1"}) {
    const absl::StatusOr<HostPort> address = ParseHostPort(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(ToString(*address), text);
  }
  EXPECT_EQ(ParseHostPort("[::1]:8002")->host, "::1");
  EXPECT_EQ(ParseHostPort("[::1]:8002")->port, 8002);
}

TEST(HostPortTest, RefusesAnythingElseByName) {
  for (const std::string text :
       {"", "localhost", ":80", "localhost:", "localhost:http", "a:-1", "a:65536", "a:99999999999",
        "a:80x", "::1:80", "[]:80", "[::1]", "[::1]80", "http://a:80"}) {
    const absl::StatusOr<HostPort> address = ParseHostPort(text);
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(address.status().message()), HasSubstr("\"" + text + "\""));
  }
}

TEST(HostPortTest, APortIsReplacedWhereThereIsOne) {
  EXPECT_EQ(WithPort("localhost:0", 81), "localhost:81");
  EXPECT_EQ(WithPort("[::1]:0", 81), "[::1]:81");
  EXPECT_EQ(WithPort("unix:/tmp/socket", 0), "unix:/tmp/socket");
}

}  // namespace
}  // namespace convoy
