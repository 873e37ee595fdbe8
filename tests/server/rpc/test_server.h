// A real server on a loopback port, over a back end that tests control.
#ifndef CONVOY_TESTS_SERVER_RPC_TEST_SERVER_H_
#define CONVOY_TESTS_SERVER_RPC_TEST_SERVER_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "inference/grpc_predict_v2.grpc.pb.h"
#include "kernel/base/mutex.h"
#include "kernel/batch/pooled_buffer.h"
#include "server/batching/batch_report.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/infer_backend.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {

// Element i of every output is i. Thread-safe.
class FakeBackend final : public InferBackend {
 public:
  using SubmitFunction = std::function<absl::Status(batching::Task*)>;

  absl::Status Submit(const registry::LiveVersion& live, batching::Task* task) override {
    SubmitFunction submit;
    {
      MutexLock lock(mutex_);
      ++submitted_;
      changed_.NotifyAll();
      if (hold_) {
        held_.push_back({&live, task});
        return absl::OkStatus();
      }
      submit = submit_;
    }
    if (submit) return submit(task);
    Answer(*live.layer, task);
    return absl::OkStatus();
  }

  // Counts, and is the same.
  absl::Status SubmitConvolution(const registry::LiveVersion& live, batching::Task* task) override {
    {
      MutexLock lock(mutex_);
      ++convolutions_;
    }
    return Submit(live, task);
  }
  int64_t convolutions() {
    MutexLock lock(mutex_);
    return convolutions_;
  }

  void Cancel(batching::Task* task, const absl::Status& why) override {
    {
      MutexLock lock(mutex_);
      ++cancelled_;
      changed_.NotifyAll();
      const auto held = std::find_if(held_.begin(), held_.end(),
                                     [task](const Held& one) { return one.task == task; });
      if (held == held_.end() || deaf_) return;
      held_.erase(held);
    }
    task->Fail(why);
  }

  bool Overloaded() const override { return false; }
  bool AnswersPileUp() const override { return false; }

  bool RunOnPoller() override {
    {
      MutexLock lock(mutex_);
      if (!on_poller_) return false;
      ++runs_on_poller_;
    }
    return AnswerHeld(1) == 1;
  }

  // What Submit does instead of answering at once. It owns the task iff OK.
  void OnSubmit(SubmitFunction submit) {
    MutexLock lock(mutex_);
    submit_ = std::move(submit);
  }

  // From now on tasks wait for ReleaseAll.
  void Hold() {
    MutexLock lock(mutex_);
    hold_ = true;
  }
  // Answers those that wait, and later ones at once. Returns how many waited.
  size_t ReleaseAll() {
    {
      MutexLock lock(mutex_);
      hold_ = false;
    }
    return AnswerHeld(SIZE_MAX);
  }
  // From now on tasks wait for RunOnPoller.
  void LeaveToPoller() {
    MutexLock lock(mutex_);
    hold_ = on_poller_ = true;
  }

  // From now on cancelled tasks are answered like others.
  void IgnoreCancellations() {
    MutexLock lock(mutex_);
    deaf_ = true;
  }
  void WaitForCancelled(int64_t count) {
    MutexLock lock(mutex_);
    while (cancelled_ < count) changed_.Wait(mutex_);
  }
  void WaitForSubmitted(int64_t count) {
    MutexLock lock(mutex_);
    while (submitted_ < count) changed_.Wait(mutex_);
  }
  int64_t submitted() {
    MutexLock lock(mutex_);
    return submitted_;
  }
  int64_t runs_on_poller() {
    MutexLock lock(mutex_);
    return runs_on_poller_;
  }
  size_t used_bytes() const { return pool_.used_bytes(); }

  void Answer(const layer::Conv1D& layer, batching::Task* task) {
    const int64_t elements =
        task->input.shape.sequences * task->input.shape.frames.output * layer.output_channels();
    batching::TaskOutput output;
    output.buffer = pool_.Get(elements * sizeof(float));
    auto* values = reinterpret_cast<float*>(output.buffer->data());
    for (int64_t i = 0; i < elements; ++i) values[i] = static_cast<float>(i);
    output.pieces.push_back(absl::MakeConstSpan(output.buffer->data(), elements * sizeof(float)));
    task->Succeed(std::move(output));
  }

 private:
  struct Held {
    const registry::LiveVersion* live;
    batching::Task* task;
  };

  size_t AnswerHeld(size_t count) {
    std::vector<Held> held;
    {
      MutexLock lock(mutex_);
      while (!held_.empty() && held.size() < count) {
        held.push_back(held_.front());
        held_.erase(held_.begin());
      }
    }
    for (const Held& one : held) Answer(*one.live->layer, one.task);
    return held.size();
  }

  batch::BufferPool pool_{1 << 20};
  Mutex mutex_;
  CondVar changed_;
  SubmitFunction submit_ ABSL_GUARDED_BY(mutex_);
  std::vector<Held> held_ ABSL_GUARDED_BY(mutex_);
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  bool on_poller_ ABSL_GUARDED_BY(mutex_) = false;
  bool deaf_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t cancelled_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t submitted_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t convolutions_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t runs_on_poller_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The requests that a layer was told about. Thread-safe.
class RecordingMetrics final : public metrics::LayerMetrics {
 public:
  using Request = metrics::RequestReport;

  void OnRequest(const Request& request) override {
    const metrics::Stages& stages = request.stages;
    for (const auto time : {stages.decode, stages.queue, stages.compute, stages.respond}) {
      EXPECT_GE(time.count(), 0);
    }
    MutexLock lock(mutex_);
    requests_.push_back(request);
  }
  void OnSent(std::chrono::nanoseconds respond) override {
    EXPECT_GE(respond.count(), 0);
    MutexLock lock(mutex_);
    ++sent_;
    changed_.NotifyAll();
  }
  void OnBatch(const batching::BatchReport&) override {}

  // Waits until gRPC has sent so many answers.
  void WaitForSent(int64_t count) {
    MutexLock lock(mutex_);
    while (sent_ < count) changed_.Wait(mutex_);
  }
  int64_t sent() {
    MutexLock lock(mutex_);
    return sent_;
  }

  std::vector<Request> requests() {
    MutexLock lock(mutex_);
    return requests_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  int64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A server with layer "conv" in versions 1 and 2 ("same" padding), and layer
// "broken" that could not be read.
class RpcServerTest : public ::testing::Test {
 protected:
  using Stub = inference::GRPCInferenceService::Stub;

  void SetUp() override {
    PublishLayers();
    Start({});
  }

  void PublishLayers() {
    layer::Conv1DConfig same = TestConfig();
    same.window.padding.mode = layer::PaddingMode::kSame;
    registry::LiveLayer conv{.name = "conv"};
    conv.versions = {MakeLiveVersion("conv", 2, BuildLayer(same), &layer_metrics_),
                     MakeLiveVersion("conv", 1, BuildLayer(same), &layer_metrics_)};
    registry::LiveLayer broken{.name = "broken"};
    broken.metrics = metrics_.ForLayer("broken");
    broken.errors = {absl::InvalidArgumentError("config.json: not JSON")};
    Publish({conv, broken});
  }

  void Publish(std::vector<registry::LiveLayer> layers) {
    registry_.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
  }

  // Starts the server (anew) on a free port.
  void Start(GrpcServerOptions options) {
    server_.reset();
    options.address = "127.0.0.1:0";
    auto server = GrpcServer::Start(options, registry_, backend_, metrics_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = NewChannel();
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
  }

  // A connection of its own, with no limit on what it receives.
  std::shared_ptr<grpc::Channel> NewChannel() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  // (1, 4, 2) elements, all 1, which layer "conv" answers with (1, 4, 3).
  static inference::ModelInferRequest GoodRequest() {
    inference::ModelInferRequest request;
    request.set_model_name("conv");
    auto& input = *request.add_inputs();
    input.set_name("input");
    input.set_datatype("FP32");
    for (const int64_t size : {1, 4, 2}) input.add_shape(size);
    const std::vector<float> ones(8, 1.0f);
    request.add_raw_input_contents(ones.data(), ones.size() * sizeof(float));
    return request;
  }

  grpc::Status Infer(const inference::ModelInferRequest& request,
                     inference::ModelInferResponse* response = nullptr) {
    grpc::ClientContext context;
    inference::ModelInferResponse ignored;
    return stub_->ModelInfer(&context, request, response == nullptr ? &ignored : response);
  }

  void ExpectAlive() {
    const grpc::Status status = Infer(GoodRequest());
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  RecordingMetrics layer_metrics_;
  metrics::Metrics metrics_;
  registry::Registry registry_;
  FakeBackend backend_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_TEST_SERVER_H_
