#include "server/rpc/grpc_server.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"
#include "tests/server/rpc/health_watcher.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferRequest;
using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

class GrpcServerTest : public RpcServerTest {
 protected:
  absl::Status TryStart(const GrpcServerOptions& options) {
    return GrpcServer::Start(options, registry_, backend_, metrics_).status();
  }
};

TEST_F(GrpcServerTest, PortZeroTakesAFreePort) {
  EXPECT_GT(server_->port(), 0);
  ExpectAlive();
}

TEST_F(GrpcServerTest, APortInUseIsAnErrorThatNamesTheAddress) {
  GrpcServerOptions options;
  options.address = absl::StrCat("127.0.0.1:", server_->port());
  const absl::Status status = TryStart(options);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(),
            absl::StrCat("cannot listen on ", options.address, ": Address already in use"));
  ExpectAlive();
}

TEST_F(GrpcServerTest, AnAddressThatIsNoneIsAnErrorThatNamesIt) {
  for (const char* address : {"no address:port", "192.0.2.1:0"}) {
    GrpcServerOptions options;
    options.address = address;
    const absl::Status status = TryStart(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()), HasSubstr(address));
  }
}

TEST_F(GrpcServerTest, OptionsOutOfRangeAreNamed) {
  GrpcServerOptions pollers;
  pollers.pollers = 0;
  EXPECT_THAT(std::string(TryStart(pollers).message()), HasSubstr("pollers"));
  GrpcServerOptions message;
  message.max_message_bytes = int64_t{1} << 31;
  EXPECT_THAT(std::string(TryStart(message).message()), HasSubstr("max_message_bytes"));
  GrpcServerOptions response;
  response.max_response_bytes = 0;
  EXPECT_THAT(std::string(TryStart(response).message()), HasSubstr("max_response_bytes"));
}

TEST_F(GrpcServerTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  void* tag;
  bool ok;
  const auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  call->Write(MakeByteBuffer(std::string("\x3A\x00", 2)), nullptr);  // list_services: ""
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  const std::string text = TextOf(response);
  EXPECT_THAT(text, HasSubstr("inference.GRPCInferenceService"));
  EXPECT_THAT(text, HasSubstr("grpc.health.v1.Health"));
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  queue.Shutdown();
}

TEST_F(GrpcServerTest, ShutdownLetsCallsInFlightFinish) {
  backend_.Hold();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this] {
      const grpc::Status status = Infer(GoodRequest());
      EXPECT_TRUE(status.ok()) << status.error_message();
    });
  }
  backend_.WaitForSubmitted(8);
  HealthWatcher watcher(channel_, "");
  EXPECT_NE(watcher.Next(), -1);
  std::thread shutdown([this] { server_->Shutdown(hours(1)); });
  // The end of the watch says that the shutdown has begun.
  EXPECT_EQ(watcher.Next(), -1);
  EXPECT_EQ(backend_.ReleaseAll(), 8u);
  for (std::thread& caller : callers) caller.join();
  shutdown.join();
}

TEST_F(GrpcServerTest, ShutdownCancelsCallsAfterTheGraceAndTakesTheirTasksBack) {
  backend_.Hold();
  std::thread caller([this] { EXPECT_FALSE(Infer(GoodRequest()).ok()); });
  backend_.WaitForSubmitted(1);
  server_->Shutdown(milliseconds(1));
  caller.join();
  EXPECT_EQ(backend_.ReleaseAll(), 0u);
}

TEST_F(GrpcServerTest, ShutdownWaitsForTasksThatCannotBeTakenBack) {
  backend_.Hold();
  backend_.IgnoreCancellations();
  std::thread caller([this] { EXPECT_FALSE(Infer(GoodRequest()).ok()); });
  backend_.WaitForSubmitted(1);
  std::thread shutdown([this] { server_->Shutdown(milliseconds(1)); });
  caller.join();  // cancelled, although its task is still held
  EXPECT_EQ(backend_.ReleaseAll(), 1u);
  shutdown.join();
}

TEST_F(GrpcServerTest, AfterShutdownNobodyAnswersAndThePortIsFree) {
  const int port = server_->port();
  server_->Shutdown(milliseconds(1));
  server_->Shutdown(milliseconds(1));  // again: nothing
  EXPECT_EQ(Infer(GoodRequest()).error_code(), grpc::StatusCode::UNAVAILABLE);
  GrpcServerOptions options;
  options.address = absl::StrCat("127.0.0.1:", port);
  EXPECT_TRUE(TryStart(options).ok());
}

TEST_F(GrpcServerTest, ShutdownUnderTrafficLosesNoTask) {
  for (int round = 0; round < 5; ++round) {
    Start({});
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([this] {
        while (Infer(GoodRequest()).ok()) {
        }
      });
    }
    backend_.WaitForSubmitted(backend_.submitted() + 50);
    server_->Shutdown(hours(1));
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_EQ(backend_.used_bytes(), 0u);
}

TEST_F(GrpcServerTest, AnswersThatNobodyReadsAreGivenBackByTheEndOfTheShutdown) {
  ModelInferRequest request = GoodRequest();
  request.mutable_inputs(0)->set_shape(1, 1 << 22);
  request.set_raw_input_contents(0, std::string(8 << 22, '\0'));
  grpc::CompletionQueue queue;  // nobody polls it, so nobody reads the socket
  grpc::ClientContext context;
  inference::ModelInferResponse response;
  grpc::Status status;
  const auto call = stub_->AsyncModelInfer(&context, request, &queue);
  call->Finish(&response, &status, nullptr);
  // The request goes out only while the queue is polled.
  void* tag;
  bool ok;
  while (backend_.submitted() == 0) {
    queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + milliseconds(10));
  }
  server_->Shutdown(milliseconds(50));
  EXPECT_EQ(backend_.used_bytes(), 0u);
  context.TryCancel();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

TEST_F(GrpcServerTest, AUnixSocketServes) {
  GrpcServerOptions options;
  options.address = absl::StrCat("unix:", testing::TempDir(), "/convoy-rpc-", getpid(), ".sock");
  const auto server = GrpcServer::Start(options, registry_, backend_, metrics_);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = inference::GRPCInferenceService::NewStub(
      grpc::CreateChannel(options.address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  inference::ModelInferResponse response;
  EXPECT_TRUE(stub->ModelInfer(&context, GoodRequest(), &response).ok());
}

}  // namespace
}  // namespace convoy::rpc
