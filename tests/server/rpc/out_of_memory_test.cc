// Memory that one call needs and does not get is that call's error alone.
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/test_server.h"
#include "tests/support/test_heap.h"

namespace convoy::rpc {
namespace {

using convoy::testing::FailingAllocation;
using ::testing::HasSubstr;

class OutOfMemoryTest : public RpcServerTest {
 protected:
  void ExpectRefused(const inference::ModelInferRequest& request) {
    const grpc::Status status = Infer(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("out of memory"));
  }

  // (1, 4, 3) elements.
  batching::TaskOutput Output() {
    batching::TaskOutput output;
    output.buffer = pool_.Get(48);
    output.pieces.push_back(absl::MakeConstSpan(output.buffer->data(), 48));
    return output;
  }

  batch::BufferPool pool_{1 << 20};
};

TEST_F(OutOfMemoryTest, AnAnswerThatCannotBeEncodedIsRefused) {
  backend_.OnSubmit([this](batching::Task* task) {
    batching::TaskOutput output = Output();
    const FailingAllocation failing(0, 4096);
    task->Succeed(std::move(output));
    EXPECT_TRUE(failing.failed());
    return absl::OkStatus();
  });
  inference::ModelInferRequest request = GoodRequest();
  request.set_id(std::string(8192, 'i'));
  ExpectRefused(request);
  EXPECT_EQ(pool_.used_bytes(), 0u);
  backend_.OnSubmit({});
  EXPECT_TRUE(Infer(request).ok());
}

TEST_F(OutOfMemoryTest, ARequestThatCannotBeDecodedIsRefused) {
  std::unique_ptr<FailingAllocation> failing;
  backend_.OnSubmit([&](batching::Task* task) {
    // Of the poller's thread, from now on.
    failing = std::make_unique<FailingAllocation>(0, size_t{1} << 20);
    task->Succeed(Output());
    return absl::OkStatus();
  });
  ExpectAlive();
  backend_.OnSubmit({});
  constexpr int kFrames = 1 << 18;
  inference::ModelInferRequest request = GoodRequest();
  request.clear_raw_input_contents();
  request.mutable_inputs(0)->set_shape(1, kFrames);
  request.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents()->Resize(2 * kFrames, 1);
  ExpectRefused(request);
  EXPECT_TRUE(Infer(request).ok());
}

}  // namespace
}  // namespace convoy::rpc
