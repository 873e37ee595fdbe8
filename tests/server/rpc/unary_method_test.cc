#include "server/rpc/unary_method.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "kernel/base/mutex.h"
#include "tests/server/rpc/table_server.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

using Reply = UnaryReply<HealthCheckResponse>;

HealthCheckResponse Serving() {
  HealthCheckResponse response;
  response.set_status(HealthCheckResponse::SERVING);
  return response;
}

std::string RequestFor(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request.SerializeAsString();
}

// Replies that wait for the test. Thread-safe.
class Pending {
 public:
  void Add(Reply reply) {
    MutexLock lock(mutex_);
    replies_.push_back(std::move(reply));
    changed_.NotifyAll();
  }

  Reply Take() {
    MutexLock lock(mutex_);
    while (replies_.empty()) changed_.Wait(mutex_);
    Reply reply = std::move(replies_.back());
    replies_.pop_back();
    return reply;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<Reply> replies_ ABSL_GUARDED_BY(mutex_);
};

class UnaryMethodTest : public TableServerTest {
 protected:
  void SetUp() override {
    AddUnary<HealthCheckRequest, HealthCheckResponse>(
        table_, "/test.Test/Now",
        [](const HealthCheckRequest& request) -> absl::StatusOr<HealthCheckResponse> {
          if (request.service() != "good") return absl::NotFoundError(request.service());
          return Serving();
        });
    AddAsyncUnary<HealthCheckRequest, HealthCheckResponse>(
        table_, "/test.Test/Later",
        [this](const HealthCheckRequest&, Reply reply) { pending_.Add(std::move(reply)); },
        /*max_bytes=*/100);
    AddAsyncUnary<HealthCheckRequest, HealthCheckResponse>(
        table_, "/test.Test/Never", [](const HealthCheckRequest&, const Reply&) {});
    Start();
  }

  Pending pending_;
};

TEST_F(UnaryMethodTest, AnswersWithAMessageOrAStatus) {
  std::string answer;
  EXPECT_TRUE(Call("/test.Test/Now", RequestFor("good"), &answer).ok());
  EXPECT_EQ(answer, Serving().SerializeAsString());
  const grpc::Status status = Call("/test.Test/Now", RequestFor("bad"), &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "bad");
  EXPECT_EQ(answer, "");
}

TEST_F(UnaryMethodTest, BytesThatAreNoSuchMessageAreRefused) {
  for (const std::string bytes : {"\x0A", "\x0A\x02x", "\x0A\x01\xFF", "\x07"}) {
    const grpc::Status status = Call("/test.Test/Now", bytes);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("grpc.health.v1.HealthCheckRequest"));
  }
}

TEST_F(UnaryMethodTest, ACallWithoutAMessageIsRefused) {
  RawCall call(channel_, "/test.Test/Now");
  call.SendNoMore();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(UnaryMethodTest, ARequestIsReadUpToItsLimitAndNotBeyond) {
  const std::string full(100 - 2, 'x');
  std::thread answer([this] { pending_.Take()(Serving()); });
  EXPECT_TRUE(Call("/test.Test/Later", RequestFor(full)).ok());
  answer.join();
  const grpc::Status status = Call("/test.Test/Later", RequestFor(full + "x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(),
              HasSubstr("expected at most 100 bytes, the server's limit, got 101"));
}

TEST_F(UnaryMethodTest, AnAnswerMayComeLaterFromAnotherThread) {
  for (int i = 0; i < 100; ++i) {
    RawCall call(channel_, "/test.Test/Later");
    call.Send(RequestFor("")).SendNoMore();
    std::thread answer([this] { pending_.Take()(Serving()); });
    EXPECT_EQ(call.Receive(), Serving().SerializeAsString());
    EXPECT_TRUE(call.Finish().ok());
    answer.join();
  }
}

TEST_F(UnaryMethodTest, WhoAnswersLaterCanSeeThatTheCallerHasGone) {
  std::optional<Reply> reply;
  {
    RawCall call(channel_, "/test.Test/Later");
    call.Send(RequestFor(""));
    reply.emplace(pending_.Take());
    EXPECT_FALSE(reply->caller_gone());
  }
  while (!reply->caller_gone()) std::this_thread::yield();
  (*reply)(Serving());
  Shutdown(std::chrono::hours(1));  // waits until no call is left
}

TEST_F(UnaryMethodTest, TheEndOfTheServerWaitsForAnswersThatComeLater) {
  RawCall call(channel_, "/test.Test/Later");
  call.Send(RequestFor("")).SendNoMore();
  Reply reply = pending_.Take();
  std::thread shutdown([this] { Shutdown(std::chrono::hours(1)); });
  while (!calls_->ending()) std::this_thread::yield();
  reply(Serving());
  EXPECT_EQ(call.Receive(), Serving().SerializeAsString());
  EXPECT_TRUE(call.Finish().ok());
  shutdown.join();
}

TEST_F(UnaryMethodTest, AMethodThatForgetsToAnswerEndsItsCall) {
  const grpc::Status status = Call("/test.Test/Never", RequestFor(""));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
}

}  // namespace
}  // namespace convoy::rpc
