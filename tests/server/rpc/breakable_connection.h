// A caller whose connection can be cut.
#ifndef CONVOY_TESTS_SERVER_RPC_BREAKABLE_CONNECTION_H_
#define CONVOY_TESTS_SERVER_RPC_BREAKABLE_CONNECTION_H_

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include "grpcpp/create_channel_posix.h"
#include "inference/grpc_predict_v2.grpc.pb.h"

namespace convoy::rpc {

// A connection of our own, so that we can break it.
class BreakableConnection {
 public:
  explicit BreakableConnection(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    ours_ = dup(socket);
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    stub_ = inference::GRPCInferenceService::NewStub(
        grpc::CreateCustomInsecureChannelFromFd("torture", socket, arguments));
  }
  BreakableConnection(const BreakableConnection&) = delete;
  BreakableConnection& operator=(const BreakableConnection&) = delete;
  ~BreakableConnection() { close(ours_); }

  bool connected() const { return connected_; }
  inference::GRPCInferenceService::Stub& stub() { return *stub_; }
  // As if the caller's machine had gone.
  void Break() const { shutdown(ours_, SHUT_RDWR); }

 private:
  bool connected_ = false;
  int ours_ = -1;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_BREAKABLE_CONNECTION_H_
