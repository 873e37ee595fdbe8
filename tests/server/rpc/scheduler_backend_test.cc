#include "server/rpc/scheduler_backend.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/layer/reference.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

// The whole path: gRPC, the scheduler and oneDNN against the plain reference.
class SchedulerBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    layer::Conv1DConfig config = TestConfig();
    config.window.padding.mode = layer::PaddingMode::kSame;
    layer_ = BuildLayer(config);
    auto compiled = engine::CompiledLayer::Create(layer_);
    ASSERT_TRUE(compiled.ok()) << compiled.status();
    auto live =
        std::make_shared<registry::LiveLayer>(*MakeLiveLayer("conv", 1, layer_, &layer_metrics_));
    live->queue = std::make_shared<batching::LayerQueue>(*std::move(compiled), nullptr);
    const registry::LayerEntry entry{.name = "conv", .versions = {live}};
    registry_.Publish(std::make_shared<const registry::Snapshot>(std::vector{entry}));
    GrpcServerOptions options;
    options.address = "127.0.0.1:0";
    auto server = GrpcServer::Start(options, registry_, backend_, metrics_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = inference::GRPCInferenceService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }

  // One call with `length` random frames.
  void ExpectAsReference(int64_t length, std::mt19937& random) {
    std::vector<float> values(length * 2);
    for (float& value : values) value = std::uniform_real_distribution<float>(-1, 1)(random);
    ModelInferRequest request;
    request.set_model_name("conv");
    auto& input = *request.add_inputs();
    input.set_name("input");
    input.set_datatype("FP32");
    for (const int64_t size : {int64_t{1}, length, int64_t{2}}) input.add_shape(size);
    request.add_raw_input_contents(values.data(), values.size() * sizeof(float));
    grpc::ClientContext context;
    ModelInferResponse response;
    const grpc::Status status = stub_->ModelInfer(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();

    const std::vector<int64_t> shape = {1, length, 2};
    const layer::ReferenceResult expected =
        layer::ReferenceConv1D(*layer_, layer_->CheckInput(shape).value(), values);
    std::vector<float> got(expected.output.size());
    ASSERT_EQ(response.raw_output_contents(0).size(), got.size() * sizeof(float));
    std::memcpy(got.data(), response.raw_output_contents(0).data(), got.size() * sizeof(float));
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_NEAR(got[i], expected.output[i], 1e-5 * expected.magnitude[i] + 1e-30);
    }
  }

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

TEST_F(SchedulerBackendTest, AfterTheSchedulersEndCallsAreUnavailable) {
  scheduler_.Shutdown();
  ModelInferRequest request;
  request.set_model_name("conv");
  auto& input = *request.add_inputs();
  input.set_name("input");
  input.set_datatype("FP32");
  for (const int64_t size : {1, 1, 2}) input.add_shape(size);
  request.add_raw_input_contents(std::string(8, '\0'));
  grpc::ClientContext context;
  ModelInferResponse response;
  EXPECT_EQ(stub_->ModelInfer(&context, request, &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace convoy::rpc
