#include "server/rpc/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/socket_pair.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

// Opens streams and resets them as fast as the socket takes them, until it breaks.
void Flood(const Descriptor& socket) {
  // HTTP/2: the preface, empty settings, then HEADERS and RST_STREAM for odd streams.
  const std::string begin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  if (send(socket.get(), begin.data(), begin.size(), MSG_NOSIGNAL) <= 0) return;
  const std::string headers("\x83\x86\x04\x02/x\x01\x01h", 9);
  for (uint32_t first = 1; first < 1u << 30; first += 2000) {
    std::string frames;
    for (uint32_t stream = first; stream < first + 2000; stream += 2) {
      const uint32_t wire = htonl(stream);
      const std::string id(reinterpret_cast<const char*>(&wire), sizeof(wire));
      frames += std::string("\0\0\x9\x1\x5", 5) + id + headers;
      frames += std::string("\0\0\x4\x3\0", 5) + id + std::string("\0\0\0\x8", 4);
    }
    for (size_t sent = 0; sent < frames.size();) {
      const ssize_t count =
          send(socket.get(), frames.data() + sent, frames.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<size_t>(count);
    }
  }
}

class AcceptorTest : public RpcServerTest {
 protected:
  // The address is suspect for some seconds, which a slow machine may need for a flood.
  void FloodUntilDelayed() {
    do {
      Flood(SocketPair::Connect(server_->port()));
    } while (server_->acceptor().delayed() == 0);
  }
};

TEST_F(AcceptorTest, CountsConnectionsFromTheirBeginningToTheirEnd) {
  ExpectAlive();
  while (server_->acceptor().open() != 1) std::this_thread::yield();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 20; ++i) {
    channels.push_back(NewChannel());
    EXPECT_TRUE(channels.back()->WaitForConnected(std::chrono::system_clock::now() +
                                                  std::chrono::seconds(30)));
  }
  while (server_->acceptor().open() != 21) std::this_thread::yield();
  channels.clear();
  while (server_->acceptor().open() != 1) std::this_thread::yield();
  ExpectAlive();
}

TEST_F(AcceptorTest, AConnectionThatFloodsIsCutAndOthersAreServed) {
  Flood(SocketPair::Connect(server_->port()));
  ExpectAlive();
  EXPECT_EQ(server_->acceptor().floods(), 1);
}

TEST_F(AcceptorTest, WhoWasCutIsLetInLaterAndServed) {
  FloodUntilDelayed();
  const std::shared_ptr<grpc::Channel> channel = NewChannel();
  EXPECT_TRUE(
      channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
  ExpectAlive();
}

TEST_F(AcceptorTest, TheServerEndsBesideConnectionsThatWaitToBeLetIn) {
  FloodUntilDelayed();
  const Descriptor socket = SocketPair::Connect(server_->port());
  std::thread flood([&socket] { Flood(socket); });
  server_->Shutdown(std::chrono::nanoseconds(0));
  flood.join();
}

// The flood may hold the thread that accepts, or the poller.
TEST_F(AcceptorTest, TheServerEndsBesideAFlood) {
  const Descriptor socket = SocketPair::Connect(server_->port());
  std::thread flood([&socket] { Flood(socket); });
  const Acceptor& acceptor = server_->acceptor();
  while (acceptor.open() == 0 && acceptor.floods() == 0) std::this_thread::yield();
  server_->Shutdown(std::chrono::nanoseconds(0));
  flood.join();
}

}  // namespace
}  // namespace convoy::rpc
