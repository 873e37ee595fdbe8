#include "server/rpc/departures.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"

namespace convoy::rpc {
namespace {

using std::chrono::seconds;

// A connection that gRPC has ended, and time that passes when the test says so.
class DeparturesTest : public testing::Test {
 protected:
  DeparturesTest() {
    Connection connection = Connection::Of(pair_.server.get());
    fd_ = connection.fd();
    shutdown(pair_.server.get(), SHUT_RDWR);
    EXPECT_TRUE(connection.ended());
    epoll_event event = {.events = EPOLLRDHUP, .data = {.fd = fd_}};
    EXPECT_EQ(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd_, &event), 0);
    departures_.Add(std::move(connection), epoll_.get(), now_);
    pair_.server = Descriptor();  // gRPC's
  }

  void Pass(seconds time) {
    now_ += time;
    departures_.Look(now_);
  }

  // What epoll says, within `timeout` milliseconds.
  uint32_t Events(int timeout = 0) {
    epoll_event event = {};
    return epoll_wait(epoll_.get(), &event, 1, timeout) == 1 ? event.events : 0;
  }

  SocketPair pair_;
  const Descriptor epoll_{epoll_create1(EPOLL_CLOEXEC)};
  Departures::Clock::time_point now_;
  Departures departures_{seconds(10)};
  int fd_ = -1;
};

TEST_F(DeparturesTest, APeerMaySendAndIsNotReset) {
  for (int i = 0; i < 3; ++i) {
    SocketPair::Send(pair_.caller, 1000);
    EXPECT_EQ(Events(-1), EPOLLIN);
    departures_.Drop(fd_);
    EXPECT_EQ(Events(), 0u);
  }
  EXPECT_EQ(SocketPair::Receive(pair_.caller, 1), 0);
}

TEST_F(DeparturesTest, SaysWhenThePeerHasClosed) {
  pair_.caller = Descriptor();
  EXPECT_NE(Events(-1) & EPOLLRDHUP, 0u);
  EXPECT_EQ(departures_.size(), 1u);
  departures_.Remove(fd_);
  EXPECT_EQ(departures_.size(), 0u);
}

TEST_F(DeparturesTest, APeerThatDoesNothingIsLetGoOfWhenPatienceEnds) {
  Pass(seconds(9));
  EXPECT_EQ(Events(), 0u);
  Pass(seconds(1));
  EXPECT_NE(Events() & EPOLLRDHUP, 0u);
}

TEST_F(DeparturesTest, APeerThatFloodsIsLetGoOf) {
  // More than is dropped; what is in the sockets comes on top.
  constexpr int64_t kMiB = 1 << 20;
  int64_t sent = 0;
  while ((Events() & EPOLLRDHUP) == 0) {
    const std::string text(kMiB, 'x');
    const ssize_t count =
        send(pair_.caller.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) sent += count;
    departures_.Drop(fd_);
    ASSERT_LT(sent, 200 * kMiB);
  }
  EXPECT_GT(sent, 64 * kMiB);
}

// Unix sockets know what their peer has fetched.
TEST(DeparturesOfUnixSocketsTest, APeerThatFetchesSomethingNowAndThenIsWaitedFor) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Descriptor server(ends[0]);
  const Descriptor caller(ends[1]);
  for (int i = 0; i < 5; ++i) SocketPair::Send(server, 100);
  Connection connection = Connection::Of(server.get());
  const int fd = connection.fd();
  const Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event = {.events = EPOLLRDHUP, .data = {.fd = fd}};
  ASSERT_EQ(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event), 0);
  connection.EndSending();
  Departures departures{seconds(10)};
  Departures::Clock::time_point now;
  departures.Add(std::move(connection), epoll.get(), now);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(SocketPair::Receive(caller, 100), 100);
    now += seconds(9);
    departures.Look(now);
    EXPECT_EQ(epoll_wait(epoll.get(), &event, 1, 0), 0);
  }
  now += seconds(10);
  departures.Look(now);
  EXPECT_EQ(epoll_wait(epoll.get(), &event, 1, 0), 1);
}

}  // namespace
}  // namespace convoy::rpc
