#include "server/http/listening_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/raw_client.h"

namespace convoy::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ListeningSocketTest, TakesAFreePortAndAcceptsCallers) {
  absl::StatusOr<ListeningSocket> listening = ListeningSocket::Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok()) << listening.status();
  EXPECT_GT(listening->port(), 0);
  EXPECT_EQ(listening->Accept(), -1);
  EXPECT_EQ(errno, EAGAIN);

  const RawClient caller(listening->port());
  pollfd waiting{.fd = listening->socket(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&waiting, 1, -1), 1);
  const int accepted = listening->Accept();
  EXPECT_GE(accepted, 0);
  close(accepted);
}

TEST(ListeningSocketTest, ListensOnIpv6) {
  const absl::StatusOr<ListeningSocket> listening = ListeningSocket::Listen("[::1]:0");
  if (!listening.ok()) GTEST_SKIP() << "no IPv6 here: " << listening.status();
  EXPECT_GT(listening->port(), 0);
}

TEST(ListeningSocketTest, NamesAnAddressThatIsTaken) {
  const auto first = ListeningSocket::Listen("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = absl::StrCat("127.0.0.1:", first->port());
  const auto second = ListeningSocket::Listen(address);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr(address), HasSubstr("Address already in use")));
}

TEST(ListeningSocketTest, RefusesAMalformedAddressAndAnUnknownHost) {
  EXPECT_EQ(ListeningSocket::Listen("nowhere").status().code(), absl::StatusCode::kInvalidArgument);
  const auto unknown = ListeningSocket::Listen("256.0.0.1:0");
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("256.0.0.1:0"));
}

TEST(ListeningSocketTest, FreesItsPortOnCloseAndAfterAMove) {
  auto listening = ListeningSocket::Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok()) << listening.status();
  const std::string address = absl::StrCat("127.0.0.1:", listening->port());
  {
    ListeningSocket moved = *std::move(listening);
    EXPECT_FALSE(ListeningSocket::Listen(address).ok());
    moved.Close();
    EXPECT_TRUE(ListeningSocket::Listen(address).ok());
  }
  EXPECT_TRUE(ListeningSocket::Listen(address).ok());
}

class UnixSocketTest : public ::testing::Test {
 protected:
  const std::string path_ = ::testing::TempDir() + "convoy_listening_socket_test";
  const std::string address_ = "unix:" + path_;

  void SetUp() override { std::filesystem::remove(path_); }
  void TearDown() override { std::filesystem::remove(path_); }
};

TEST_F(UnixSocketTest, AcceptsCallersAndRemovesThePathAtTheEnd) {
  {
    const auto listening = ListeningSocket::Listen(address_);
    ASSERT_TRUE(listening.ok()) << listening.status();
    EXPECT_EQ(listening->port(), 0);
    const RawClient caller(path_);
    const int accepted = listening->Accept();
    EXPECT_GE(accepted, 0);
    close(accepted);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocketTest, NamesAPathThatAnotherListensOn) {
  const auto first = ListeningSocket::Listen(address_);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = ListeningSocket::Listen(address_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr(address_), HasSubstr("Address already in use")));
  const RawClient caller(path_);  // the first still has it
}

TEST_F(UnixSocketTest, ReplacesASocketThatNobodyListensOn) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int ended = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(ended, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(ended);
  EXPECT_TRUE(ListeningSocket::Listen(address_).ok());
}

TEST_F(UnixSocketTest, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(ListeningSocket::Listen(address_).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::filesystem::file_size(path_), 8);
}

TEST_F(UnixSocketTest, RefusesPathsThatAreEmptyTooLongOrInNoFolder) {
  for (const std::string& path : {std::string(), std::string(108, 'x')}) {
    EXPECT_EQ(ListeningSocket::Listen("unix:" + path).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  const auto nowhere = ListeningSocket::Listen(address_ + "/no/folder");
  EXPECT_EQ(nowhere.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace convoy::http
