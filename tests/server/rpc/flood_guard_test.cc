#include "server/rpc/flood_guard.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"

namespace convoy::rpc {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBudget{60};
constexpr int64_t kNanosecondsPerByte = 5;

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
  size_t Look() { return guard_.Look(connections_) == nullptr ? 0 : 1; }

  std::optional<uint64_t> call_ = 0;
  std::chrono::nanoseconds cpu_{0};
  SocketPair flooding_;
  SocketPair other_;
  std::map<int, Connection> connections_;
  const Reader reader_{[this] { return call_; }, [this] { return cpu_; }};
  FloodGuard guard_{kBudget, kNanosecondsPerByte};
};

TEST_F(FloodGuardTest, AConnectionThatIsReadForTheWholeBudgetFloodsAndOthersDoNot) {
  for (const milliseconds cpu : {milliseconds(20), milliseconds(20), milliseconds(19)}) {
    Read(flooding_, cpu);
    EXPECT_EQ(Look(), 0u);
  }
  Read(flooding_, milliseconds(1));
  const Connection* const flood = guard_.Look(connections_);
  ASSERT_NE(flood, nullptr);
  EXPECT_EQ(flood->peer(), Connection::Of(flooding_.server.get()).peer());
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
    ++*call_;
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
  FloodGuard brief(std::chrono::microseconds(60), kNanosecondsPerByte);
  brief.Watch({reader_});
  for (const auto& [bytes, floods] : {std::pair(8000, false), std::pair(100, true)}) {
    Read(flooding_, std::chrono::microseconds(30));
    EXPECT_EQ(brief.Look(connections_), nullptr);
    Read(flooding_, std::chrono::microseconds(30), bytes);
    EXPECT_EQ(brief.Look(connections_) != nullptr, floods) << bytes;
  }
}

// Each of many brings little while the reader goes from one to the other.
TEST_F(FloodGuardTest, ManyBytesOfAllTogetherAreNobodysFlood) {
  FloodGuard brief(std::chrono::microseconds(60), kNanosecondsPerByte);
  brief.Watch({reader_});
  Read(flooding_, std::chrono::microseconds(30));
  EXPECT_EQ(brief.Look(connections_), nullptr);
  Read(flooding_, std::chrono::microseconds(15));
  Read(other_, std::chrono::microseconds(15), 8000);
  EXPECT_EQ(brief.Look(connections_), nullptr);
}

TEST_F(FloodGuardTest, WhoIsReadBesideAFloodIsNotTakenForIt) {
  Read(flooding_, milliseconds(30));
  EXPECT_EQ(Look(), 0u);
  Read(other_, milliseconds(0));
  Read(flooding_, milliseconds(30), 200);
  const Connection* const flood = guard_.Look(connections_);
  ASSERT_NE(flood, nullptr);
  EXPECT_EQ(flood->peer(), Connection::Of(flooding_.server.get()).peer());
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

// It inflates a message, say, while another thread reads a little.
TEST_F(FloodGuardTest, WhatAReaderDoesOutsideOfGrpcIsNobodysFlood) {
  Read(flooding_, milliseconds(29));
  EXPECT_EQ(Look(), 0u);
  call_ = std::nullopt;
  for (int i = 0; i < 3; ++i) {
    Read(flooding_, milliseconds(30));
    EXPECT_EQ(Look(), 0u);
  }
  call_ = 1;
  Read(flooding_, milliseconds(29));
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

TEST_F(FloodGuardTest, WhatTakesMoreForAByteThanItsMostIsNotForIt) {
  FloodGuard guard(kBudget, kNanosecondsPerByte, 10'000);
  guard.Watch({reader_});
  const auto read = [&](size_t bytes) {
    Read(flooding_, kBudget / 2, bytes);
    return guard.Look(connections_) != nullptr;
  };
  EXPECT_FALSE(read(100));
  EXPECT_FALSE(read(100)) << "30 ms for 100 bytes";
  EXPECT_FALSE(read(100));
  EXPECT_TRUE(read(5000)) << "30 ms for 5000 bytes";
}

TEST_F(FloodGuardTest, WhoIsHeldUpByAFloodThatIsSentSomethingIsNotTheFlood) {
  Read(flooding_, kBudget / 2);
  EXPECT_EQ(Look(), 0u);
  SocketPair::Send(flooding_.server, 1);
  Read(flooding_, kBudget / 4, 1000);
  Read(other_, kBudget / 4, 100);
  EXPECT_EQ(Look(), 0u);
}

}  // namespace
}  // namespace convoy::rpc
