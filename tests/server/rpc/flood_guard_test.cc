#include "server/rpc/flood_guard.h"

#include <map>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"

namespace convoy::rpc {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBudget{60};

// A reader and two connections under a clock of the test's own.
class FloodGuardTest : public testing::Test {
 protected:
  FloodGuardTest() {
    guard_.Watch({reader_});
    for (const SocketPair* pair : {&flooding_, &other_}) {
      Connection connection = Connection::Of(pair->server.get());
      const int fd = connection.fd();
      connections_.emplace(fd, std::move(connection));
    }
    // So that something always waits.
    SocketPair::Send(flooding_.caller, 10'000);
    SocketPair::Send(other_.caller, 10'000);
  }

  // The reader takes bytes of a connection for so long.
  void Read(const SocketPair& pair, std::chrono::nanoseconds cpu, size_t bytes = 100) {
    EXPECT_EQ(SocketPair::Receive(pair.server, bytes), static_cast<ssize_t>(bytes));
    cpu_ += cpu;
  }

  // How many connections flood.
  size_t Look() { return guard_.Look(connections_).size(); }

  uint64_t returns_ = 0;
  std::chrono::nanoseconds cpu_{0};
  SocketPair flooding_;
  SocketPair other_;
  std::map<int, Connection> connections_;
  const FloodGuard::Reader reader_{[this] { return returns_; }, [this] { return cpu_; }};
  FloodGuard guard_{kBudget};
};

TEST_F(FloodGuardTest, AConnectionThatIsReadForTheWholeBudgetFloodsAndOthersDoNot) {
  for (const milliseconds cpu : {milliseconds(20), milliseconds(20), milliseconds(19)}) {
    Read(flooding_, cpu);
    EXPECT_EQ(Look(), 0u);
  }
  Read(flooding_, milliseconds(1));
  const std::vector<const Connection*> floods = guard_.Look(connections_);
  ASSERT_EQ(floods.size(), 1u);
  EXPECT_EQ(floods[0]->peer(), Connection::Of(flooding_.server.get()).peer());
}

TEST_F(FloodGuardTest, AReaderThatIsNewIsWatchedFromThereOn) {
  guard_.Watch({});
  Read(flooding_, kBudget);
  EXPECT_EQ(Look(), 0u);
  guard_.Watch({reader_});
  Read(flooding_, kBudget / 2);
  EXPECT_EQ(Look(), 0u);
  guard_.Watch({reader_});  // still the same
  Read(flooding_, kBudget / 2);
  EXPECT_EQ(Look(), 1u);
}

TEST_F(FloodGuardTest, AReaderThatComesBackBeginsAnew) {
  for (int i = 0; i < 10; ++i) {
    Read(flooding_, milliseconds(59));
    EXPECT_EQ(Look(), 0u);
    ++returns_;
  }
}

TEST_F(FloodGuardTest, WhoIsAnsweredMeanwhileDoesNotFlood) {
  Read(flooding_, milliseconds(30));
  EXPECT_EQ(Look(), 0u);
  Read(flooding_, milliseconds(30));
  SocketPair::Send(flooding_.server, 1);
  EXPECT_EQ(Look(), 0u);
}

// A large message, for which nothing need be sent.
TEST_F(FloodGuardTest, WhoBringsManyBytesDoesNotFlood) {
  FloodGuard brief(std::chrono::microseconds(60));
  brief.Watch({reader_});
  for (const auto& [bytes, floods] : {std::pair(8000, 0u), std::pair(100, 1u)}) {
    Read(flooding_, std::chrono::microseconds(30));
    EXPECT_EQ(brief.Look(connections_).size(), 0u);
    Read(flooding_, std::chrono::microseconds(30), bytes);
    EXPECT_EQ(brief.Look(connections_).size(), floods) << bytes;
  }
}

TEST_F(FloodGuardTest, WhoHasSentNoMoreDoesNotFlood) {
  Read(flooding_, milliseconds(30));
  EXPECT_EQ(Look(), 0u);
  while (SocketPair::Receive(flooding_.server, 100) == 100 &&
         Connection::Of(flooding_.server.get()).progress()->waiting_bytes > 0) {
  }
  cpu_ += milliseconds(30);
  EXPECT_EQ(Look(), 0u);
}

TEST_F(FloodGuardTest, AReaderThatIsBusyWithSomethingElseAccusesNobody) {
  cpu_ += milliseconds(30);
  EXPECT_EQ(Look(), 0u);
  cpu_ += milliseconds(1000);
  EXPECT_EQ(Look(), 0u);
}

TEST_F(FloodGuardTest, AFloodThatGoesOnIsFoundAgain) {
  for (int i = 0; i < 3; ++i) {
    Read(flooding_, milliseconds(30));
    EXPECT_EQ(Look(), 0u);
    Read(flooding_, milliseconds(30));
    EXPECT_EQ(Look(), 1u);
  }
}

TEST_F(FloodGuardTest, AConnectionThatComesInBetweenIsNotJudged) {
  auto late = connections_.extract(connections_.begin());
  Read(flooding_, milliseconds(30));
  EXPECT_EQ(Look(), 0u);
  connections_.insert(std::move(late));
  Read(flooding_, milliseconds(30));
  EXPECT_EQ(Look(), 0u);
}

TEST_F(FloodGuardTest, NoTimePassesWithoutConnections) {
  connections_.clear();
  cpu_ += milliseconds(1000);
  EXPECT_EQ(Look(), 0u);
  EXPECT_EQ(Look(), 0u);
}

}  // namespace
}  // namespace convoy::rpc
