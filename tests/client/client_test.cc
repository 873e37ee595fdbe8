#include "client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/channel.h"
#include "client/retry_hint.h"
#include "inference/grpc_predict_v2_mock.grpc.pb.h"
#include "tests/client/fake_server.h"

namespace convoy::client {
namespace {

using ::testing::_;
using ::testing::DoAll;
using ::testing::ElementsAre;
using ::testing::Return;
using ::testing::SetArgPointee;

// A client over a mock; the client owns the mock.
class ClientTest : public testing::Test {
 protected:
  void SetDeadline(absl::Duration deadline) {
    auto stub = std::make_unique<inference::MockGRPCInferenceServiceStub>();
    stub_ = stub.get();
    client_ = std::make_unique<Client>(std::move(stub), ClientOptions{deadline});
  }
  void SetUp() override { SetDeadline(absl::Seconds(10)); }

  InferRequest Request() const {
    InferRequest request;
    request.layer = "stft";
    request.version = "3";
    request.id = "call 1";
    request.input = FloatView(shape_, values_);
    return request;
  }

  const std::vector<int64_t> shape_ = {1, 2, 1};
  const std::vector<float> values_ = {1, 2};
  inference::MockGRPCInferenceServiceStub* stub_ = nullptr;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, InferSendsTheTensorAndReturnsTheAnswer) {
  inference::ModelInferRequest sent;
  inference::ModelInferResponse answer;
  answer.set_model_version("3");
  answer.set_id("call 1");
  auto* output = answer.add_outputs();
  output->set_datatype("FP32");
  for (const int64_t size : {1, 1, 1}) output->add_shape(size);
  const float value = 7;
  answer.add_raw_output_contents(&value, sizeof(value));
  EXPECT_CALL(*stub_, ModelInfer(_, _, _))
      .WillOnce([&](grpc::ClientContext*, const inference::ModelInferRequest& request,
                    inference::ModelInferResponse* response) {
        sent = request;
        *response = answer;
        return grpc::Status::OK;
      });
  const auto result = client_->Infer(Request());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(sent.model_name(), "stft");
  EXPECT_EQ(sent.model_version(), "3");
  EXPECT_EQ(sent.id(), "call 1");
  EXPECT_EQ(sent.raw_input_contents(0), std::string(FloatView(shape_, values_).bytes));
  EXPECT_THAT(ToFloats(result->output.view()), ElementsAre(7));
  EXPECT_THAT(result->output.shape, ElementsAre(1, 1, 1));
  EXPECT_EQ(result->version, "3");
  EXPECT_EQ(result->id, "call 1");
  EXPECT_GT(result->round_trip, absl::ZeroDuration());
}

TEST_F(ClientTest, TheServersStatusComesBackUnchanged) {
  EXPECT_CALL(*stub_, ModelInfer(_, _, _))
      .WillOnce(Return(grpc::Status(grpc::StatusCode::NOT_FOUND, "no layer \"stft\"")));
  EXPECT_EQ(client_->Infer(Request()).status(), absl::NotFoundError("no layer \"stft\""));
}

TEST_F(ClientTest, AnAnswerWithoutOutputIsInternal) {
  EXPECT_CALL(*stub_, ModelInfer(_, _, _)).WillOnce(Return(grpc::Status::OK));
  EXPECT_EQ(client_->Infer(Request()).status().code(), absl::StatusCode::kInternal);
}

TEST_F(ClientTest, AnInputThatDoesNotFitItsShapeIsNotSent) {
  EXPECT_CALL(*stub_, ModelInfer(_, _, _)).Times(0);
  InferRequest request = Request();
  request.input.bytes.remove_suffix(1);
  EXPECT_EQ(client_->Infer(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ClientTest, EveryCallCarriesTheDeadline) {
  SetDeadline(absl::Hours(1));
  std::chrono::system_clock::time_point deadline;
  EXPECT_CALL(*stub_, ServerLive(_, _, _))
      .WillOnce([&](grpc::ClientContext* context, const auto&, auto*) {
        deadline = context->deadline();
        return grpc::Status::OK;
      });
  const absl::Time before = absl::Now();
  ASSERT_TRUE(client_->ServerLive().ok());
  EXPECT_GE(absl::FromChrono(deadline), before + absl::Hours(1) - absl::Milliseconds(1));
  EXPECT_LE(absl::FromChrono(deadline), absl::Now() + absl::Hours(1) + absl::Milliseconds(1));
}

TEST_F(ClientTest, AnInfiniteDeadlineSetsNone) {
  SetDeadline(absl::InfiniteDuration());
  EXPECT_CALL(*stub_, ServerLive(_, _, _))
      .WillOnce([](grpc::ClientContext* context, const auto&, auto*) {
        EXPECT_EQ(gpr_time_cmp(context->raw_deadline(), gpr_inf_future(GPR_CLOCK_REALTIME)), 0);
        return grpc::Status::OK;
      });
  ASSERT_TRUE(client_->ServerLive().ok());
}

TEST_F(ClientTest, LivenessAndReadinessAreTheServersAnswers) {
  inference::ServerLiveResponse live;
  live.set_live(true);
  EXPECT_CALL(*stub_, ServerLive(_, _, _))
      .WillOnce(DoAll(SetArgPointee<2>(live), Return(grpc::Status::OK)));
  EXPECT_CALL(*stub_, ServerReady(_, _, _)).WillOnce(Return(grpc::Status::OK));
  EXPECT_TRUE(*client_->ServerLive());
  EXPECT_FALSE(*client_->ServerReady());
}

TEST_F(ClientTest, LayerReadyAsksForTheNamedVersion) {
  EXPECT_CALL(*stub_, ModelReady(_, _, _))
      .WillOnce([](grpc::ClientContext*, const inference::ModelReadyRequest& request,
                   inference::ModelReadyResponse* response) {
        EXPECT_EQ(request.name(), "stft");
        EXPECT_EQ(request.version(), "2");
        response->set_ready(true);
        return grpc::Status::OK;
      });
  EXPECT_TRUE(*client_->LayerReady("stft", "2"));
}

TEST_F(ClientTest, ServerMetadataIsCopied) {
  inference::ServerMetadataResponse answer;
  answer.set_name("convoy");
  answer.set_version("0.1.0");
  answer.add_extensions("model_repository");
  EXPECT_CALL(*stub_, ServerMetadata(_, _, _))
      .WillOnce(DoAll(SetArgPointee<2>(answer), Return(grpc::Status::OK)));
  const auto info = client_->ServerMetadata();
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->name, "convoy");
  EXPECT_EQ(info->version, "0.1.0");
  EXPECT_THAT(info->extensions, ElementsAre("model_repository"));
}

TEST_F(ClientTest, EveryMethodReturnsTheServersRefusal) {
  const grpc::Status draining(grpc::StatusCode::UNAVAILABLE, "draining");
  EXPECT_CALL(*stub_, ServerLive(_, _, _)).WillOnce(Return(draining));
  EXPECT_CALL(*stub_, ServerReady(_, _, _)).WillOnce(Return(draining));
  EXPECT_CALL(*stub_, ModelReady(_, _, _)).WillOnce(Return(draining));
  EXPECT_CALL(*stub_, ServerMetadata(_, _, _)).WillOnce(Return(draining));
  EXPECT_CALL(*stub_, ModelMetadata(_, _, _)).WillOnce(Return(draining));
  EXPECT_CALL(*stub_, RepositoryIndex(_, _, _)).WillOnce(Return(draining));
  const absl::Status expected = absl::UnavailableError("draining");
  EXPECT_EQ(client_->ServerLive().status(), expected);
  EXPECT_EQ(client_->ServerReady().status(), expected);
  EXPECT_EQ(client_->LayerReady("stft").status(), expected);
  EXPECT_EQ(client_->ServerMetadata().status(), expected);
  EXPECT_EQ(client_->LayerMetadata("stft").status(), expected);
  EXPECT_EQ(client_->Layers().status(), expected);
}

TEST(ClientOverAConnection, LayersAndTheirMetadataAreRead) {
  FakeServer server;
  const auto client = Client::Connect(server.address());
  ASSERT_TRUE(client.ok()) << client.status();
  const auto layers = (*client)->Layers();
  ASSERT_TRUE(layers.ok()) << layers.status();
  ASSERT_EQ(layers->size(), 3u);
  EXPECT_EQ((*layers)[0].state, "UNAVAILABLE");
  EXPECT_EQ((*layers)[1].name, "echo");
  EXPECT_EQ((*layers)[1].version, "7");
  const auto info = (*client)->LayerMetadata("echo");
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_THAT(info->versions, ElementsAre("7"));
  EXPECT_THAT(info->inputs[0].shape, ElementsAre(-1, -1, 4));
}

TEST(ClientOverAConnection, MessagesBeyondGrpcsDefaultLimitPass) {
  FakeServer server;
  const auto client = Client::Connect(server.address());
  ASSERT_TRUE(client.ok()) << client.status();
  const std::vector<int64_t> shape = {1, 2 << 20, 1};
  const std::vector<float> values(2 << 20, 0.5f);
  InferRequest request;
  request.layer = "echo";
  request.input = FloatView(shape, values);
  const auto result = (*client)->Infer(request);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output.bytes, request.input.bytes);
}

TEST(ClientOverAConnection, AnAnswerAfterTheDeadlineIsDeadlineExceeded) {
  FakeServer server;
  absl::Notification over;
  server.set_refusal([&](const auto&) {
    over.WaitForNotification();
    return grpc::Status::OK;
  });
  const auto channel = OpenChannel(server.address(), absl::Seconds(10));
  ASSERT_TRUE(channel.ok()) << channel.status();
  const Client client(inference::GRPCInferenceService::NewStub(*channel), {absl::Milliseconds(50)});
  const std::vector<int64_t> shape = {1, 1, 1};
  const std::vector<float> values = {1};
  InferRequest request;
  request.layer = "echo";
  request.input = FloatView(shape, values);
  EXPECT_EQ(client.Infer(request).status().code(), absl::StatusCode::kDeadlineExceeded);
  over.Notify();
}

TEST(ClientOverAConnection, ARefusalForLackOfRoomSaysWhenToComeAgain) {
  FakeServer server;
  server.set_refusal(
      [](const auto&) { return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full"); });
  const auto client = Client::Connect(server.address());
  ASSERT_TRUE(client.ok()) << client.status();
  const std::vector<int64_t> shape = {1, 1, 1};
  const std::vector<float> values = {1};
  InferRequest request;
  request.layer = "echo";
  request.input = FloatView(shape, values);
  const absl::Status status = (*client)->Infer(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryHint(status), absl::Milliseconds(20));
}

TEST(ClientOverAConnection, ManyThreadsShareOneClientAndGetTheirOwnAnswers) {
  FakeServer server;
  const auto client = Client::Connect(server.address());
  ASSERT_TRUE(client.ok()) << client.status();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&client, t] {
      const std::vector<int64_t> shape = {1, 1, 1};
      for (int i = 0; i < 50; ++i) {
        const std::vector<float> values = {static_cast<float>(1000 * t + i)};
        InferRequest request;
        request.layer = "echo";
        request.input = FloatView(shape, values);
        const auto result = (*client)->Infer(request);
        ASSERT_TRUE(result.ok()) << result.status();
        EXPECT_EQ(ToFloats(result->output.view()), values);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace convoy::client
