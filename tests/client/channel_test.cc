#include "client/channel.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/client/fake_server.h"

namespace convoy::client {
namespace {

using ::testing::HasSubstr;

// A loopback port that accepts connections and then says nothing.
class MuteListener {
 public:
  MuteListener() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 1);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~MuteListener() { close(socket_); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int socket_;
  int port_ = 0;
};

TEST(Channel, ARunningServerIsReached) {
  FakeServer server;
  const auto channel = OpenChannel(server.address(), absl::Seconds(10));
  ASSERT_TRUE(channel.ok()) << channel.status();
  EXPECT_EQ((*channel)->GetState(false), GRPC_CHANNEL_READY);
}

TEST(Channel, ARefusedConnectionFailsLongBeforeTheDeadlineAndSaysSo) {
  FakeServer server;
  server.Stop();
  const absl::Time start = absl::Now();
  const auto channel = OpenChannel(server.address(), absl::Seconds(60));
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(channel.status().message()),
              HasSubstr(absl::StrCat("could not connect to ", server.address())));
  EXPECT_THAT(std::string(channel.status().message()), HasSubstr("Connection refused"));
}

TEST(Channel, AListenerThatNeverAnswersFailsAtTheDeadline) {
  MuteListener listener;
  const auto channel = OpenChannel(listener.address(), absl::Milliseconds(200));
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(channel.status().message()), HasSubstr("no answer within 200ms"));
}

TEST(Channel, AnInfiniteDeadlineIsAllowed) {
  FakeServer server;
  EXPECT_TRUE(OpenChannel(server.address(), absl::InfiniteDuration()).ok());
}

}  // namespace
}  // namespace convoy::client
