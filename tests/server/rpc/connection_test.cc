#include "server/rpc/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"

namespace convoy::rpc {
namespace {

// The kernel hands bytes over a little later than they are sent.
Connection::Progress WaitForReceived(const Connection& connection, uint64_t bytes) {
  for (;;) {
    const auto progress = connection.progress();
    EXPECT_TRUE(progress.has_value());
    if (!progress || progress->taken_bytes + progress->waiting_bytes >= bytes) return *progress;
  }
}

TEST(ConnectionTest, CountsWhatIsTakenWhatWaitsAndWhatIsSent) {
  const SocketPair pair;
  const Connection connection = Connection::Of(pair.server.get());
  SocketPair::Send(pair.caller, 1000);
  Connection::Progress progress = WaitForReceived(connection, 1000);
  EXPECT_EQ(progress.taken_bytes, 0u);
  EXPECT_EQ(progress.waiting_bytes, 1000u);
  EXPECT_EQ(progress.sent_bytes, 0u);

  EXPECT_EQ(SocketPair::Receive(pair.server, 300), 300);
  SocketPair::Send(pair.server, 50);
  progress = *connection.progress();
  EXPECT_EQ(progress.taken_bytes, 300u);
  EXPECT_EQ(progress.waiting_bytes, 700u);
  EXPECT_EQ(progress.sent_bytes, 50u);
}

TEST(ConnectionTest, OutlivesTheDescriptorThatItWasMadeOf) {
  SocketPair pair;
  const Connection connection = Connection::Of(pair.server.get());
  EXPECT_NE(connection.fd(), pair.server.get());
  SocketPair::Send(pair.caller, 10);
  pair.server = Descriptor();
  EXPECT_EQ(WaitForReceived(connection, 10).waiting_bytes, 10u);
}

TEST(ConnectionTest, NamesItsPeer) {
  const SocketPair pair;
  EXPECT_THAT(Connection::Of(pair.server.get()).peer(),
              testing::MatchesRegex("127\\.0\\.0\\.1:[0-9]+"));
}

TEST(ConnectionTest, NamesWhereItsPeerIs) {
  const SocketPair pair;
  EXPECT_EQ(Connection::Of(pair.server.get()).source(), std::string("\x7f\0\0\1", 4));
  std::array<int, 2> local = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, local.data()), 0);
  const Descriptor one(local[0]);
  const Descriptor other(local[1]);
  EXPECT_EQ(Connection::Of(one.get()).source(), "");
}

TEST(ConnectionTest, ACutDropsWhatWaitsAndTellsBothEnds) {
  const SocketPair pair;
  const Connection connection = Connection::Of(pair.server.get());
  SocketPair::Send(pair.caller, 1000);
  WaitForReceived(connection, 1000);
  connection.Cut();
  EXPECT_LE(SocketPair::Receive(pair.server, 1000), 0);
  EXPECT_EQ(SocketPair::Receive(pair.caller, 1000), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST(ConnectionTest, KnowsWhenItsSocketWasShutDownAndReceivesOn) {
  SocketPair pair;
  const Connection connection = Connection::Of(pair.server.get());
  EXPECT_FALSE(connection.ended());
  shutdown(pair.server.get(), SHUT_RDWR);
  pair.server = Descriptor();
  EXPECT_TRUE(connection.ended());
  SocketPair::Send(pair.caller, 1000);
  WaitForReceived(connection, 1000);
  EXPECT_EQ(connection.Drop(), 1000);
  EXPECT_EQ(connection.Drop(), 0);
  EXPECT_EQ(SocketPair::Receive(pair.caller, 1), 0);
}

TEST(ConnectionTest, AnEndIsOneForBothSides) {
  const SocketPair pair;
  const Connection connection = Connection::Of(pair.server.get());
  connection.End();
  EXPECT_EQ(SocketPair::Receive(pair.caller, 1), 0);
  EXPECT_EQ(SocketPair::Receive(pair.server, 1), 0);
}

TEST(ConnectionTest, CountsWhatWasNotFetched) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Descriptor server(ends[0]);
  const Descriptor caller(ends[1]);
  const Connection connection = Connection::Of(server.get());
  EXPECT_EQ(connection.unread_bytes(), 0);
  SocketPair::Send(server, 1000);
  EXPECT_GE(connection.unread_bytes(), 1000);
  EXPECT_EQ(SocketPair::Receive(caller, 1000), 1000);
  EXPECT_EQ(connection.unread_bytes(), 0);
}

TEST(ConnectionTest, AUnixSocketHasNoProgress) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Descriptor one(ends[0]);
  const Descriptor other(ends[1]);
  const Connection connection = Connection::Of(one.get());
  EXPECT_FALSE(connection.progress().has_value());
  EXPECT_EQ(connection.peer(), "unix");
}

TEST(ConnectionTest, WithoutADescriptorItIsNotOk) { EXPECT_FALSE(Connection::Of(-1).ok()); }

}  // namespace
}  // namespace convoy::rpc
