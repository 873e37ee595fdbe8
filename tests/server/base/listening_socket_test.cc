#include "server/base/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

using testing::HasSubstr;

bool CanConnect(int port) {
  const Descriptor caller(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

bool Exists(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0;
}

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/convoy-listen-", getpid(), "-", name);
}

std::string Refusal(const std::string& address) {
  const auto sockets = ListeningSocket::Open(address);
  EXPECT_EQ(sockets.status().code(), absl::StatusCode::kUnavailable) << address;
  EXPECT_THAT(std::string(sockets.status().message()), HasSubstr("cannot listen on " + address));
  return std::string(sockets.status().message());
}

TEST(ListeningSocketTest, PortZeroTakesAFreePort) {
  const auto sockets = ListeningSocket::Open("127.0.0.1:0");
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  ASSERT_EQ(sockets->size(), 1u);
  EXPECT_GT((*sockets)[0].port(), 0);
  EXPECT_TRUE(CanConnect((*sockets)[0].port()));
}

TEST(ListeningSocketTest, AllSocketsOfANameHaveOnePort) {
  const auto sockets = ListeningSocket::Open("localhost:0");
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  for (const ListeningSocket& socket : *sockets) {
    EXPECT_EQ(socket.port(), (*sockets)[0].port());
  }
  EXPECT_TRUE(CanConnect((*sockets)[0].port()));
}

TEST(ListeningSocketTest, AllAddressesAreThoseOfIpv4Too) {
  const auto sockets = ListeningSocket::Open("[::]:0");
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  EXPECT_TRUE(CanConnect((*sockets)[0].port()));
}

TEST(ListeningSocketTest, APortInUseIsRefusedAndFreeWithItsSocket) {
  std::string address;
  {
    const auto sockets = ListeningSocket::Open("127.0.0.1:0");
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    address = absl::StrCat("127.0.0.1:", (*sockets)[0].port());
    EXPECT_THAT(Refusal(address), HasSubstr("Address already in use"));
  }
  EXPECT_TRUE(ListeningSocket::Open(address).ok());
}

TEST(ListeningSocketTest, AddressesThatAreNoneOrNotOursAreRefused) {
  for (const char* address : {"no address:port", "192.0.2.1:0", "nosuch.invalid:0",
                              "unix:", "unix:/no/such/folder/socket"}) {
    Refusal(address);
  }
  EXPECT_THAT(Refusal("unix:" + std::string(200, 'x')), HasSubstr("got 200"));
}

TEST(ListeningSocketTest, TheFileOfAUnixSocketEndsWithIt) {
  const std::string path = Path("ends");
  {
    const auto sockets = ListeningSocket::Open("unix:" + path);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    EXPECT_EQ((*sockets)[0].port(), 0);
    EXPECT_TRUE(Exists(path));
    EXPECT_THAT(Refusal("unix:" + path), HasSubstr("Address already in use"));
  }
  EXPECT_FALSE(Exists(path));
}

TEST(ListeningSocketTest, WhatADeadServerLeftIsReplacedAndOtherFilesAreNot) {
  const std::string path = Path("left");
  {
    const Descriptor dead(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ASSERT_TRUE(Exists(path));
  EXPECT_TRUE(ListeningSocket::Open("unix:" + path).ok());
  std::ofstream(path) << "somebody's";
  EXPECT_THAT(Refusal("unix:" + path), HasSubstr("Address already in use"));
  EXPECT_TRUE(Exists(path));
  unlink(path.c_str());
}

}  // namespace
}  // namespace convoy
