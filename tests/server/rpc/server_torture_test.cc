// Everything at once through a real server: any layers, lengths, deadlines and
// priorities, callers that cancel and callers that vanish. Answers are compared
// to the bit.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "inference/grpc_predict_v2.grpc.pb.h"
#include "server/batching/scheduler.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/scheduler_backend.h"
#include "tests/kernel/support/integer_example.h"
#include "tests/server/rpc/breakable_connection.h"
#include "tests/server/rpc/test_layers.h"
#include "tests/support/scale.h"

namespace convoy::rpc {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::Random;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

// A request as it goes out and the bytes that must come back.
struct Exchange {
  ModelInferRequest request;
  std::string expected;
};

template <typename Values>
std::string BytesOf(const Values& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])};
}

Exchange MakeExchange(const std::string& name, const layer::Conv1D& layer, int64_t sequences,
                      int64_t length, Random& random) {
  const testing::Example example = testing::MakeExample(layer, sequences, length, random);
  Exchange exchange;
  exchange.request.set_model_name(name);
  auto& input = *exchange.request.add_inputs();
  input.set_name("input");
  input.set_datatype("FP32");
  for (const int64_t size : testing::TensorShape(layer, sequences, length)) input.add_shape(size);
  exchange.request.add_raw_input_contents(BytesOf(example.request->values));
  exchange.expected = BytesOf(example.expected);
  return exchange;
}

struct Tally {
  std::atomic<bool> ending{false};  // set before the server ends
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::atomic<int> wrong{0};

  int all() const { return answered + failed + wrong; }
};

// Up to kWindow calls in flight, each with its own fate.
class Caller {
 public:
  Caller(int port, const std::vector<Exchange>& exchanges, unsigned seed, Tally& tally)
      : port_(port), exchanges_(exchanges), random_(seed), tally_(tally) {}

  void Run(int calls) {
    while (calls > 0) {
      auto connection = std::make_unique<BreakableConnection>(port_);
      if (!connection->connected()) return;  // the server has ended
      const auto of_this = std::min<int>(calls, static_cast<int>(Between(random_, 1, 400)));
      RunOn(*connection, of_this);
      calls -= of_this;
    }
  }

 private:
  static constexpr size_t kWindow = 24;

  struct Call {
    const Exchange* exchange = nullptr;
    grpc::ClientContext context;
    ModelInferResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<ModelInferResponse>> reader;
  };

  void RunOn(BreakableConnection& connection, int calls) {
    grpc::CompletionQueue queue;
    broken_ = false;
    for (int i = 0; i < calls; ++i) {
      Start(connection.stub(), queue);
      if (Between(random_, 0, 7) == 0) {
        under_way_[Between(random_, 0, under_way_.size() - 1)]->context.TryCancel();
      }
      while (under_way_.size() >= kWindow) FinishOne(queue);
    }
    if (Between(random_, 0, 1) == 0) {
      broken_ = true;
      connection.Break();
    }
    while (!under_way_.empty()) FinishOne(queue);
    queue.Shutdown();
    void* tag;
    bool ok;
    while (queue.Next(&tag, &ok)) tally_.wrong.fetch_add(1);  // nothing comes twice
  }

  void Start(inference::GRPCInferenceService::Stub& stub, grpc::CompletionQueue& queue) {
    auto call = std::make_unique<Call>();
    // The last one is large.
    const bool large = Between(random_, 0, 300) == 0;
    call->exchange =
        large ? &exchanges_.back() : &exchanges_[Between(random_, 0, exchanges_.size() - 2)];
    auto deadline = std::chrono::system_clock::now() + std::chrono::minutes(5);
    if (Between(random_, 0, 9) == 0) {
      deadline =
          std::chrono::system_clock::now() + std::chrono::microseconds(Between(random_, 0, 8000));
    }
    call->context.set_deadline(deadline);
    ModelInferRequest request = call->exchange->request;
    if (Between(random_, 0, 3) == 0) {
      (*request.mutable_parameters())["priority"].set_int64_param(Between(random_, 1, 4));
    }
    call->reader = stub.AsyncModelInfer(&call->context, request, &queue);
    call->reader->Finish(&call->response, &call->status, call.get());
    under_way_.push_back(std::move(call));
  }

  void FinishOne(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    const auto done = std::find_if(under_way_.begin(), under_way_.end(),
                                   [tag](const auto& call) { return call.get() == tag; });
    ASSERT_NE(done, under_way_.end());
    Check(**done);
    std::swap(*done, under_way_.back());
    under_way_.pop_back();
  }

  void Check(const Call& call) {
    if (call.status.ok()) {
      const bool right = call.response.raw_output_contents_size() == 1 &&
                         call.response.raw_output_contents(0) == call.exchange->expected;
      (right ? tally_.answered : tally_.wrong).fetch_add(1);
      return;
    }
    const grpc::StatusCode code = call.status.error_code();
    const bool allowed = code == grpc::StatusCode::CANCELLED ||
                         code == grpc::StatusCode::DEADLINE_EXCEEDED ||
                         code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                         (code == grpc::StatusCode::UNAVAILABLE && (broken_ || tally_.ending));
    EXPECT_TRUE(allowed) << code << ": " << call.status.error_message();
    (allowed ? tally_.failed : tally_.wrong).fetch_add(1);
  }

  const int port_;
  const std::vector<Exchange>& exchanges_;
  Random random_;
  Tally& tally_;
  std::vector<std::unique_ptr<Call>> under_way_;
  bool broken_ = false;
};

// Publishes a layer and makes its exchanges.
class World {
 public:
  explicit World(Random& random) {
    std::vector<registry::LiveLayer> layers;
    for (int i = 0; i < 8; ++i) {
      const auto layer = testing::RandomIntegerLayer(random);
      const std::string name = absl::StrCat("layer", i);
      layers.push_back({.name = name, .versions = {MakeLive(name, layer)}});
      for (int j = 0; j < 12; ++j) {
        exchanges.push_back(
            MakeExchange(name, *layer, Between(random, 1, 3), Between(random, 90, 200), random));
      }
    }
    layer::Conv1DConfig config;
    config.filters = 16;
    config.window.kernel_size = 5;
    const auto large = testing::IntegerLayer(config, 4, random);
    layers.push_back({.name = "large", .versions = {MakeLive("large", large)}});
    exchanges.push_back(MakeExchange("large", *large, 1, 60'000, random));
    registry.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
  }

  registry::Registry registry;
  std::vector<Exchange> exchanges;

 private:
  std::shared_ptr<const registry::LiveVersion> MakeLive(
      const std::string& name, std::shared_ptr<const layer::Conv1D> layer) {
    registry::LiveVersion live = *MakeLiveVersion(name, 1, layer);
    live.metrics = metrics_.ForLayer(name);
    live.handle = std::make_shared<batching::LayerHandle>(
        engine::CompiledLayer::Create(std::move(layer)).value(), nullptr);
    return std::make_shared<const registry::LiveVersion>(std::move(live));
  }

  metrics::Metrics metrics_;
};

class ServerTortureTest : public ::testing::Test {
 protected:
  ServerTortureTest() {
    server_ = GrpcServer::Start({.address = "127.0.0.1:0", .pollers = 2}, world_.registry, backend_,
                                metrics_)
                  .value();
  }

  static batching::SchedulerOptions Options() {
    batching::SchedulerOptions options;
    options.workers = 2;
    options.max_queue_bytes = 4 << 20;
    return options;
  }

  void StartCallers(int calls_each) {
    for (int i = 0; i < kCallers; ++i) {
      callers_.emplace_back([this, calls_each, seed = random_()] {
        Caller(server_->port(), world_.exchanges, seed, tally_).Run(calls_each);
      });
    }
  }
  void JoinCallers() {
    for (std::thread& caller : callers_) caller.join();
  }

  // Shuts down and looks for what was left.
  void ExpectNothingLeft(std::chrono::nanoseconds grace) {
    server_->Shutdown(grace);
    const std::weak_ptr<const registry::Snapshot> snapshot = world_.registry.snapshot();
    world_.registry.Publish(
        std::make_shared<const registry::Snapshot>(std::vector<registry::LiveLayer>{}));
    EXPECT_TRUE(snapshot.expired());
    EXPECT_EQ(scheduler_.stats().tasks, 0);
    EXPECT_EQ(scheduler_.stats().bytes, 0);
    EXPECT_EQ(scheduler_.stats().seconds, 0);
    scheduler_.Shutdown();
    EXPECT_EQ(scheduler_.buffers().used_bytes(), 0);
  }

  static constexpr int kCallers = 3;
  Random random_{23};
  World world_{random_};
  metrics::Metrics metrics_;
  batching::Scheduler scheduler_{Options()};
  SchedulerBackend backend_{scheduler_};
  std::unique_ptr<GrpcServer> server_;
  Tally tally_;
  std::vector<std::thread> callers_;
};

TEST_F(ServerTortureTest, EveryAnswerIsRightAndNothingIsLeft) {
  const int calls = testing::Scaled(1500, 43'000);
  StartCallers(calls);
  JoinCallers();
  ExpectNothingLeft(std::chrono::seconds(10));
  EXPECT_EQ(tally_.wrong, 0);
  EXPECT_EQ(tally_.all(), calls * kCallers);
  RecordProperty("answered", tally_.answered);
  RecordProperty("failed", tally_.failed);
  EXPECT_GT(tally_.answered, tally_.failed);
}

TEST_F(ServerTortureTest, AServerThatEndsAmongCallersLeavesNothing) {
  StartCallers(1'000'000);
  while (tally_.all() < 500) std::this_thread::yield();
  tally_.ending = true;
  ExpectNothingLeft(std::chrono::milliseconds(1));
  JoinCallers();
  EXPECT_EQ(tally_.wrong, 0);
}

}  // namespace
}  // namespace convoy::rpc
