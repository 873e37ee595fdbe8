#include "server/rpc/hoarders.h"

#include <algorithm>
#include <map>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"

namespace convoy::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMebibyte = size_t{1} << 20;

class HoardersTest : public ::testing::Test {
 protected:
  // A peer of whom `taken` bytes were taken and who was sent `sent`.
  const Connection* Add(size_t taken, size_t sent) {
    const SocketPair& pair = pairs_.emplace_back();
    for (size_t done = 0; done < taken;) {
      const size_t piece = std::min(taken - done, size_t{16384});
      SocketPair::Send(pair.caller, piece);
      for (size_t left = piece; left > 0;) {
        left -= static_cast<size_t>(SocketPair::Receive(pair.server, left));
      }
      done += piece;
    }
    if (sent > 0) {
      SocketPair::Send(pair.server, sent);
      // What the kernel still holds back is not sent yet.
      for (size_t left = sent; left > 0;) {
        left -= static_cast<size_t>(SocketPair::Receive(pair.caller, left));
      }
    }
    Connection connection = Connection::Of(pair.server.get());
    const int fd = connection.fd();
    return &connections_.emplace(fd, std::move(connection)).first->second;
  }

  std::vector<SocketPair> pairs_;
  std::map<int, Connection> connections_;
};

TEST_F(HoardersTest, WhoIsSentLeastForWhatItSendsGoesFirst) {
  pairs_.reserve(3);
  Add(3 * kMebibyte, 30000);
  const Connection* const worst = Add(2 * kMebibyte, 0);
  const Connection* const second = Add(2 * kMebibyte, 5000);
  EXPECT_THAT(FindHoarders(connections_, 1), ElementsAre(worst));
  EXPECT_THAT(FindHoarders(connections_, 2 * kMebibyte), ElementsAre(worst));
  EXPECT_THAT(FindHoarders(connections_, 2 * kMebibyte + 1), ElementsAre(worst, second));
}

TEST_F(HoardersTest, NobodyGoesWhileThereIsMemory) {
  pairs_.reserve(1);
  Add(2 * kMebibyte, 0);
  EXPECT_THAT(FindHoarders(connections_, 0), IsEmpty());
  EXPECT_THAT(FindHoarders(connections_, -1), IsEmpty());
}

TEST_F(HoardersTest, WhoHasSentLittleIsNone) {
  pairs_.reserve(1);
  Add(kMebibyte - 1, 0);
  EXPECT_THAT(FindHoarders(connections_, 10 * kMebibyte), IsEmpty());
}

}  // namespace
}  // namespace convoy::rpc
