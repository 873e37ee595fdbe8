#include "server/rpc/infer_call_pool.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using inference::ModelInferResponse;

class InferCallPoolTest : public RpcServerTest {
 protected:
  struct Call {
    grpc::ClientContext context;
    ModelInferResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<ModelInferResponse>> reader;
  };

  void Begin(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      auto call = std::make_unique<Call>();
      inference::ModelInferRequest request = GoodRequest();
      request.set_id(std::to_string(i));
      call->reader = stub_->AsyncModelInfer(&call->context, request, &queue_);
      call->reader->Finish(&call->response, &call->status, nullptr);
      calls_.push_back(std::move(call));
    }
  }

  void ExpectAllAnswered() {
    for (size_t i = 0; i < calls_.size(); ++i) {
      void* tag;
      bool ok;
      ASSERT_TRUE(queue_.Next(&tag, &ok));
    }
    for (size_t i = 0; i < calls_.size(); ++i) {
      EXPECT_TRUE(calls_[i]->status.ok()) << calls_[i]->status.error_message();
      EXPECT_EQ(calls_[i]->response.id(), std::to_string(i));
    }
    calls_.clear();
  }

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
};

TEST_F(InferCallPoolTest, MoreCallsThanArePostedAndKeptRunAtOnce) {
  backend_.Hold();
  Begin(1000);
  backend_.WaitForSubmitted(1000);
  EXPECT_EQ(backend_.ReleaseAll(), 1000u);
  ExpectAllAnswered();
}

TEST_F(InferCallPoolTest, ObjectsAreUsedAgainWithoutTracesOfTheCallBefore) {
  for (int round = 0; round < 5; ++round) {
    Begin(300);
    ExpectAllAnswered();
  }
}

TEST_F(InferCallPoolTest, IdleObjectsHoldNoBuffersAndNoLayers) {
  std::weak_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
  Begin(10);
  ExpectAllAnswered();
  Publish({});
  // Ends every call's last event.
  server_->Shutdown(std::chrono::seconds(10));
  EXPECT_TRUE(snapshot.expired());
  EXPECT_EQ(backend_.used_bytes(), 0u);
}

TEST_F(InferCallPoolTest, SeveralPollersShareTheCallers) {
  GrpcServerOptions options;
  options.pollers = 3;
  Start(options);
  Begin(600);
  ExpectAllAnswered();
}

}  // namespace
}  // namespace convoy::rpc
