#include "server/rpc/threaded_unary.h"

#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "inference/grpc_predict_v2.pb.h"
#include "tests/server/rpc/table_server.h"

namespace convoy::rpc {
namespace {

using inference::ModelReadyRequest;
using inference::ModelReadyResponse;

constexpr char kPath[] = "/test.Service/Ready";

class ThreadedUnaryTest : public TableServerTest {
 protected:
  using Method = std::function<absl::StatusOr<ModelReadyResponse>(ModelReadyRequest&)>;

  ~ThreadedUnaryTest() override { Shutdown(std::chrono::seconds(0)); }

  void Serve(Method method, size_t max_bytes = 100) {
    AddThreadedUnary<ModelReadyRequest, ModelReadyResponse>(table_, kPath, threads_,
                                                            std::move(method), max_bytes);
    Start();
  }

  static std::string Request(const std::string& name) {
    ModelReadyRequest request;
    request.set_name(name);
    return request.SerializeAsString();
  }

  // The thread that waits for it is joined before it goes.
  absl::Notification release_;
  CallThreads threads_{{.name = "test", .max_waiting = 1}};
};

TEST_F(ThreadedUnaryTest, AnswersFromAnotherThread) {
  std::thread::id answered_by;
  Serve([&](ModelReadyRequest& request) -> absl::StatusOr<ModelReadyResponse> {
    answered_by = std::this_thread::get_id();
    ModelReadyResponse response;
    response.set_ready(request.name() == "a");
    return response;
  });
  std::thread::id worker;
  absl::Notification known;
  ASSERT_TRUE(threads_
                  .Run(0,
                       [&] {
                         worker = std::this_thread::get_id();
                         known.Notify();
                       })
                  .ok());
  known.WaitForNotification();  // or the call finds that one waits already
  std::string answer;
  EXPECT_TRUE(Call(kPath, Request("a"), &answer).ok());
  ModelReadyResponse response;
  ASSERT_TRUE(response.ParseFromString(answer));
  EXPECT_TRUE(response.ready());
  EXPECT_EQ(answered_by, worker);
}

TEST_F(ThreadedUnaryTest, AnswersErrorsOfTheMethodAndOfTheMessage) {
  Serve([](ModelReadyRequest& request) -> absl::StatusOr<ModelReadyResponse> {
    if (request.name() == "throws") throw std::bad_alloc();
    return absl::NotFoundError("no such");
  });
  EXPECT_EQ(Call(kPath, Request("a")).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Call(kPath, Request("throws")).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Call(kPath, "\xff\xff").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Call(kPath, Request(std::string(200, 'x'))).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ThreadedUnaryTest, RefusesCallsWhenTooManyWait) {
  Serve([](ModelReadyRequest&) -> absl::StatusOr<ModelReadyResponse> {
    return ModelReadyResponse();
  });
  absl::Notification begun;
  ASSERT_TRUE(threads_
                  .Run(0,
                       [&] {
                         begun.Notify();
                         release_.WaitForNotification();
                       })
                  .ok());
  begun.WaitForNotification();
  ASSERT_TRUE(threads_.Run(0, [] {}).ok());
  EXPECT_EQ(Call(kPath, Request("a")).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  release_.Notify();
}

}  // namespace
}  // namespace convoy::rpc
