#include "server/rpc/half_close.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include <memory>

#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"

namespace convoy::rpc {
namespace {

// Whether what the caller sends is still received.
bool Receives(const SocketPair& pair) {
  SocketPair::Send(pair.caller, 5);
  return SocketPair::Receive(pair.server, 5) == 5;
}

bool CallerSeesTheEnd(const SocketPair& pair) { return SocketPair::Receive(pair.caller, 1) == 0; }

TEST(HalfCloseTest, TheFirstShutdownIsOneOfSendingOnly) {
  const SocketPair pair;
  const HalfClose half_close(pair.server.get());
  EXPECT_FALSE(half_close.done());
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RDWR), 0);
  EXPECT_TRUE(half_close.done());
  EXPECT_TRUE(CallerSeesTheEnd(pair));
  EXPECT_TRUE(Receives(pair));
}

TEST(HalfCloseTest, TheSecondShutdownIsAsEver) {
  const SocketPair pair;
  const HalfClose half_close(pair.server.get());
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RDWR), 0);
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RDWR), 0);
  EXPECT_EQ(SocketPair::Receive(pair.server, 1), 0);
}

TEST(HalfCloseTest, AShutdownOfOneDirectionIsLeftAlone) {
  const SocketPair pair;
  const HalfClose half_close(pair.server.get());
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RD), 0);
  EXPECT_FALSE(half_close.done());
  EXPECT_EQ(SocketPair::Receive(pair.server, 1), 0);
}

TEST(HalfCloseTest, OtherDescriptorsAreShutDownAsEver) {
  const SocketPair pair;
  const HalfClose half_close(pair.caller.get());
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RDWR), 0);
  EXPECT_FALSE(half_close.done());
  EXPECT_TRUE(CallerSeesTheEnd(pair));
  EXPECT_EQ(SocketPair::Receive(pair.server, 1), 0);
}

TEST(HalfCloseTest, NoneIsLeftWhenItHasEnded) {
  const SocketPair pair;
  std::make_unique<HalfClose>(pair.server.get()).reset();
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RDWR), 0);
  EXPECT_EQ(SocketPair::Receive(pair.server, 1), 0);
}

TEST(HalfCloseTest, ALaterOneForTheSameNumberTakesThePlaceOfAnEarlierOne) {
  const SocketPair pair;
  auto earlier = std::make_unique<HalfClose>(pair.server.get());
  const HalfClose later(pair.server.get());
  earlier.reset();
  EXPECT_EQ(shutdown(pair.server.get(), SHUT_RDWR), 0);
  EXPECT_TRUE(later.done());
  EXPECT_TRUE(Receives(pair));
}

TEST(HalfCloseTest, ErrorsAreTheSystems) {
  EXPECT_EQ(shutdown(-1, SHUT_RDWR), -1);
  EXPECT_EQ(errno, EBADF);
}

// Libraries, gRPC's among them, find symbols the way this looks for one.
TEST(HalfCloseTest, LibrariesFindThisProgramsShutdown) {
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "shutdown"), reinterpret_cast<void*>(&shutdown));
  EXPECT_NE(dlsym(RTLD_NEXT, "shutdown"), reinterpret_cast<void*>(&shutdown));
}

}  // namespace
}  // namespace convoy::rpc
