#include "server/rpc/table_call.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/cord.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/base/mutex.h"
#include "server/batching/admission.h"
#include "server/rpc/status_conversion.h"
#include "tests/server/rpc/table_server.h"

namespace convoy::rpc {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

// Answers each message with itself and ends with the caller's messages.
class Echo final : public CallHandler {
 public:
  explicit Echo(TableCall& call) : call_(call) {}

  void OnMessage(const grpc::ByteBuffer& message) override { call_.Write(message); }
  void OnNoMessage() override { call_.Finish(absl::OkStatus()); }
  void OnWritten() override { call_.Read(); }
  void OnServerEnds() override { call_.Finish(absl::UnavailableError("the server ends")); }

 private:
  TableCall& call_;
};

// What the handlers of a test have seen. Thread-safe.
class Log {
 public:
  void Add(const std::string& event) {
    MutexLock lock(mutex_);
    events_.push_back(event);
    changed_.NotifyAll();
  }

  void WaitFor(const std::string& event) {
    MutexLock lock(mutex_);
    while (std::find(events_.begin(), events_.end(), event) == events_.end()) {
      changed_.Wait(mutex_);
    }
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
};

// Keeps the call after the first message until the caller goes.
class Keeper final : public CallHandler {
 public:
  Keeper(TableCall& call, Log& log) : call_(call), log_(log) {}
  ~Keeper() override { log_.Add("destroyed"); }

  void OnMessage(const grpc::ByteBuffer&) override { log_.Add("message"); }
  void OnNoMessage() override { call_.Finish(absl::OkStatus()); }
  void OnCallerGone() override {
    EXPECT_TRUE(call_.caller_gone());
    log_.Add("gone");
    call_.Finish(absl::CancelledError(""));
  }
  void OnServerEnds() override {
    log_.Add("server ends");
    call_.Finish(absl::UnavailableError("the server ends"));
  }

 private:
  TableCall& call_;
  Log& log_;
};

// Finishes instead of reading on.
class Refuser final : public CallHandler {
 public:
  explicit Refuser(TableCall& call) : call_(call) {}

  void OnMessage(const grpc::ByteBuffer&) override { Refuse(); }
  void OnNoMessage() override { Refuse(); }

 private:
  void Refuse() {
    absl::Status refusal = absl::ResourceExhaustedError("full");
    refusal.SetPayload(batching::kRetryAfterPayload, absl::Cord("7"));
    call_.Finish(refusal);
  }

  TableCall& call_;
};

class TableCallTest : public TableServerTest {
 protected:
  void SetUp() override {
    table_.Add("/test.Test/Echo", [](TableCall& call) { return std::make_unique<Echo>(call); });
    table_.Add("/test.Test/Keep",
               [this](TableCall& call) { return std::make_unique<Keeper>(call, log_); });
    table_.Add("/test.Test/Refuse",
               [](TableCall& call) { return std::make_unique<Refuser>(call); });
    table_.AddUnserved("/test.Test/Never", "Never: not here");
    Start();
  }

  Log log_;
};

TEST_F(TableCallTest, MessagesGoBothWaysUntilTheCallerSendsNoMore) {
  RawCall call(channel_, "/test.Test/Echo");
  for (const std::string message : {"one", "", "three"}) {
    EXPECT_EQ(call.Send(message).Receive(), message);
  }
  call.SendNoMore();
  EXPECT_EQ(call.Receive(), std::nullopt);
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(TableCallTest, AMethodThatIsNotThereIsAnsweredAtOnceAlsoWhileTheCallerStillSends) {
  RawCall call(channel_, "/no.Such/Method");
  EXPECT_EQ(call.Receive(), std::nullopt);
  const grpc::Status status = call.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("/no.Such/Method"));
}

TEST_F(TableCallTest, AMethodThatIsNotServedSaysWhy) {
  const grpc::Status status = Call("/test.Test/Never", "");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(status.error_message(), "Never: not here");
}

TEST_F(TableCallTest, AHandlerThatWaitsLearnsThatTheCallerHasGone) {
  RawCall call(channel_, "/test.Test/Keep");
  call.Send("");
  log_.WaitFor("message");
  call.Cancel();
  log_.WaitFor("gone");
  log_.WaitFor("destroyed");
}

TEST_F(TableCallTest, ACallerThatGoesWhileItIsReadLeavesNothing) {
  for (int i = 0; i < 100; ++i) {
    RawCall call(channel_, "/test.Test/Echo");
    if (i % 2 == 0) call.Send("some");
    call.Cancel();
  }
  Shutdown(hours(1));  // waits until no call is left
}

TEST_F(TableCallTest, TheEndOfTheServerEndsCallsThatWaitAndThoseThatAreRead) {
  RawCall waiting(channel_, "/test.Test/Keep");
  waiting.Send("");
  log_.WaitFor("message");
  RawCall reading(channel_, "/test.Test/Echo");
  EXPECT_EQ(reading.Send("some").Receive(), "some");
  std::thread shutdown([this] { Shutdown(hours(1)); });
  EXPECT_EQ(waiting.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reading.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  shutdown.join();
}

TEST_F(TableCallTest, ARefusalCarriesItsRetryHintInTheTrailer) {
  RawCall call(channel_, "/test.Test/Refuse");
  call.SendNoMore();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(call.Trailer(kRetryAfterTrailer), "7");
}

}  // namespace
}  // namespace convoy::rpc
