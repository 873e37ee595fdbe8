#include "server/rpc/scheduler_backend.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/layer/convolution_op.h"
#include "tests/kernel/support/reference.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

class CountingObserver final : public batching::BatchObserver {
 public:
  explicit CountingObserver(std::atomic<int>& batches) : batches_(batches) {}
  void OnBatch(const batching::BatchReport&) override { ++batches_; }

 private:
  std::atomic<int>& batches_;
};

// The whole path: gRPC, the scheduler and oneDNN against the plain reference.
class SchedulerBackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    layer::Conv1DConfig config = TestConfig();
    config.window.padding.mode = layer::PaddingMode::kSame;
    layer_ = BuildLayer(config);
    auto compiled = engine::CompiledLayer::Create(layer_);
    ASSERT_TRUE(compiled.ok()) << compiled.status();
    auto live = std::make_shared<registry::LiveVersion>(
        *MakeLiveVersion("conv", 1, layer_, &layer_metrics_));
    live->handle = std::make_shared<batching::LayerHandle>(*std::move(compiled), nullptr);
    // Its requests wait for ever.
    auto patient = std::make_shared<registry::LiveVersion>(
        *MakeLiveVersion("patient", 1, layer_, &layer_metrics_));
    patient->handle = std::make_shared<batching::LayerHandle>(
        engine::CompiledLayer::Create(layer_).value(),
        std::make_unique<CountingObserver>(patient_batches_),
        batching::BatchingOptions{.max_queue_delay = std::chrono::hours(1)});
    layer::Conv1DConfig biased_config = TestConfig();
    biased_config.use_bias = true;
    const std::shared_ptr<const layer::Conv1D> biased_layer = BuildLayer(biased_config, 2, 100);
    auto biased = std::make_shared<registry::LiveVersion>(
        *MakeLiveVersion("biased", 1, biased_layer, &layer_metrics_));
    biased->handle = std::make_shared<batching::LayerHandle>(
        engine::CompiledLayer::Create(biased_layer).value(), nullptr);
    biased->convolution = std::make_shared<registry::LazyHandle>(
        [this, biased_layer]() -> absl::StatusOr<std::shared_ptr<batching::LayerHandle>> {
          ++convolutions_made_;
          return std::make_shared<batching::LayerHandle>(
              engine::CompiledLayer::Create(
                  std::make_shared<const layer::Conv1D>(layer::ConvolutionOp(*biased_layer)))
                  .value(),
              nullptr);
        });
    registry_.Publish(std::make_shared<const registry::Snapshot>(
        std::vector{registry::LiveLayer{.name = "biased", .versions = {biased}},
                    registry::LiveLayer{.name = "conv", .versions = {live}},
                    registry::LiveLayer{.name = "patient", .versions = {patient}}}));
    GrpcServerOptions options;
    options.address = "127.0.0.1:0";
    auto server = GrpcServer::Start(options, registry_, backend_, metrics_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = inference::GRPCInferenceService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }

  // (1, T, 2) values.
  static ModelInferRequest RequestOf(const std::string& layer, const std::vector<float>& values) {
    ModelInferRequest request;
    request.set_model_name(layer);
    auto& input = *request.add_inputs();
    input.set_name("input");
    input.set_datatype("FP32");
    const auto length = static_cast<int64_t>(values.size() / 2);
    for (const int64_t size : {int64_t{1}, length, int64_t{2}}) input.add_shape(size);
    request.add_raw_input_contents(values.data(), values.size() * sizeof(float));
    return request;
  }

  void WaitUntilQueued(int64_t tasks) {
    while (scheduler_.stats().tasks != tasks) std::this_thread::yield();
  }

  // One call with `length` random frames.
  void ExpectAsReference(int64_t length, std::mt19937& random) {
    std::vector<float> values(length * 2);
    for (float& value : values) value = std::uniform_real_distribution<float>(-1, 1)(random);
    grpc::ClientContext context;
    ModelInferResponse response;
    const grpc::Status status = stub_->ModelInfer(&context, RequestOf("conv", values), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();

    const std::vector<int64_t> shape = {1, length, 2};
    const testing::ReferenceResult expected =
        testing::ReferenceConv1D(*layer_, layer_->CheckInput(shape).value(), values);
    std::vector<float> got(expected.output.size());
    ASSERT_EQ(response.raw_output_contents(0).size(), got.size() * sizeof(float));
    std::memcpy(got.data(), response.raw_output_contents(0).data(), got.size() * sizeof(float));
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_NEAR(got[i], expected.output[i], 1e-5 * expected.magnitude[i] + 1e-30);
    }
  }

  std::atomic<int> patient_batches_ = 0;
  std::atomic<int> convolutions_made_ = 0;
  metrics::Metrics metrics_;
  RecordingMetrics layer_metrics_;
  registry::Registry registry_;
  batching::Scheduler scheduler_{batching::SchedulerOptions{}};
  SchedulerBackend backend_{scheduler_};
  std::shared_ptr<const layer::Conv1D> layer_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

TEST_F(SchedulerBackendTest, AnswersOfAnyLengthAreTheReferences) {
  std::mt19937 random(3);
  for (const int64_t length : {1, 2, 3, 17, 1000, 50000}) ExpectAsReference(length, random);
}

TEST_F(SchedulerBackendTest, ManyCallersAtOnceGetEachTheirOwnAnswer) {
  std::vector<std::thread> callers;
  for (unsigned seed = 0; seed < 8; ++seed) {
    callers.emplace_back([this, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 50; ++i) ExpectAsReference(1 + random() % 300, random);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_F(SchedulerBackendTest, TheFirstToAskForTheConvolutionAloneWaitUntilItIsReady) {
  // Eight callers at once; each expects the sum of its window, without the bias.
  constexpr int kCallers = 8;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      ModelInferRequest request = RequestOf("biased", {1, 1, 1, 1, 1, 1});
      const auto first_value = [&] {
        grpc::ClientContext context;
        ModelInferResponse response;
        const grpc::Status status = stub_->ModelInfer(&context, request, &response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        float value = 0;
        std::memcpy(&value, response.raw_output_contents(0).data(), sizeof(value));
        return value;
      };
      (*request.mutable_parameters())["convoy_convolution_only"].set_bool_param(true);
      EXPECT_EQ(first_value(), 6);
      request.clear_parameters();
      EXPECT_EQ(first_value(), 106);
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(convolutions_made_, 1);
}

TEST_F(SchedulerBackendTest, AfterTheSchedulersEndCallsAreUnavailable) {
  scheduler_.Shutdown();
  grpc::ClientContext context;
  ModelInferResponse response;
  EXPECT_EQ(stub_->ModelInfer(&context, RequestOf("conv", {0, 0}), &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(SchedulerBackendTest, AFloodThatIsCancelledIsNeverComputedAndLeavesNothing) {
  constexpr int kFlood = 500;
  grpc::CompletionQueue queue;
  std::vector<grpc::ClientContext> contexts(kFlood);
  std::vector<ModelInferResponse> responses(kFlood);
  std::vector<grpc::Status> statuses(kFlood);
  std::vector<std::unique_ptr<grpc::ClientAsyncResponseReader<ModelInferResponse>>> calls;
  const ModelInferRequest request = RequestOf("patient", {1, 2, 3, 4});
  for (int i = 0; i < kFlood; ++i) {
    calls.push_back(stub_->AsyncModelInfer(&contexts[i], request, &queue));
    calls[i]->Finish(&responses[i], &statuses[i], nullptr);
  }
  WaitUntilQueued(kFlood);
  for (grpc::ClientContext& context : contexts) context.TryCancel();
  WaitUntilQueued(0);
  EXPECT_EQ(scheduler_.stats().bytes, 0);
  EXPECT_EQ(scheduler_.stats().seconds, 0);
  std::mt19937 random(5);
  ExpectAsReference(10, random);
  queue.Shutdown();
  void* tag;
  bool ok;
  while (queue.Next(&tag, &ok)) {
  }
  for (const grpc::Status& status : statuses) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  }
  server_->Shutdown(std::chrono::nanoseconds(0));
  scheduler_.Shutdown();
  EXPECT_EQ(patient_batches_, 0);
}

TEST_F(SchedulerBackendTest, AShutdownDoesNotWaitForADelay) {
  std::thread caller([this] {
    grpc::ClientContext context;
    ModelInferResponse response;
    EXPECT_FALSE(stub_->ModelInfer(&context, RequestOf("patient", {1, 2}), &response).ok());
  });
  WaitUntilQueued(1);
  server_->Shutdown(std::chrono::milliseconds(1));
  caller.join();
  EXPECT_EQ(scheduler_.stats().tasks, 0);
}

}  // namespace
}  // namespace convoy::rpc
