// Both ends of a TCP connection in one process.
#ifndef CONVOY_TESTS_SERVER_RPC_SOCKET_PAIR_H_
#define CONVOY_TESTS_SERVER_RPC_SOCKET_PAIR_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "gtest/gtest.h"
#include "server/base/descriptor.h"
#include "server/base/listening_socket.h"

namespace convoy::rpc {

// `caller` is whoever connected to `server`.
struct SocketPair {
  SocketPair() {
    const auto listening = ListeningSocket::Open("127.0.0.1:0");
    EXPECT_TRUE(listening.ok()) << listening.status();
    caller = Connect((*listening)[0].port());
    server = Descriptor(accept((*listening)[0].fd(), nullptr, nullptr));
    EXPECT_TRUE(server.ok());
  }

  // A caller's socket to a port of this machine.
  static Descriptor Connect(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    Descriptor caller(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    return caller;
  }

  static void Send(const Descriptor& from, size_t bytes) {
    const std::string text(bytes, 'x');
    EXPECT_EQ(send(from.get(), text.data(), bytes, 0), static_cast<ssize_t>(bytes));
  }

  // Waits for at most `bytes` of them; -1 with errno when the connection is broken.
  static ssize_t Receive(const Descriptor& at, size_t bytes) {
    std::string text(bytes, '\0');
    return recv(at.get(), text.data(), bytes, 0);
  }

  Descriptor caller;
  Descriptor server;
};

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_SOCKET_PAIR_H_
