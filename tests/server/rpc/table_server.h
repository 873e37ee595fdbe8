// A real server on a loopback port with nothing but a method table.
#ifndef CONVOY_TESTS_SERVER_RPC_TABLE_SERVER_H_
#define CONVOY_TESTS_SERVER_RPC_TABLE_SERVER_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/method_table.h"
#include "server/rpc/poller.h"
#include "server/rpc/table_call_pool.h"
#include "tests/server/rpc/raw_call.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {

// Tests fill the table, then Start.
class TableServerTest : public testing::Test {
 protected:
  ~TableServerTest() override { Shutdown(std::chrono::seconds(0)); }

  void Start() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    calls_ = std::make_unique<TableCallPool>(service_, table_, *queue_, live_calls_);
    calls_->Start();
    poller_ = std::make_unique<Poller>("test-poll", *queue_, backend_);
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  }

  // Idempotent.
  void Shutdown(std::chrono::seconds grace) {
    if (server_ == nullptr) return;
    calls_->End();
    server_->Shutdown(std::chrono::system_clock::now() + grace);
    live_calls_.WaitForNone();
    queue_->Shutdown();
    poller_.reset();
    server_.reset();
  }

  // One message there, one answer back.
  grpc::Status Call(const std::string& path, const std::string& message,
                    std::string* answer = nullptr) {
    RawCall call(channel_, path);
    call.Send(message).SendNoMore();
    const std::optional<std::string> received = call.Receive();
    if (answer != nullptr) *answer = received.value_or("");
    return call.Finish();
  }

  MethodTable table_;
  LiveCalls live_calls_;
  FakeBackend backend_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<TableCallPool> calls_;
  std::unique_ptr<Poller> poller_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_TABLE_SERVER_H_
