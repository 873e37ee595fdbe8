#include "server/rpc/table_call_pool.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/table_server.h"

namespace convoy::rpc {
namespace {

// Ends with the first message, or with the server.
class OneMessage final : public CallHandler {
 public:
  explicit OneMessage(TableCall& call) : call_(call) {}

  void OnMessage(const grpc::ByteBuffer& message) override { call_.WriteAndFinish(message); }
  void OnNoMessage() override { call_.Finish(absl::OkStatus()); }
  void OnServerEnds() override { call_.Finish(absl::UnavailableError("the server ends")); }

 private:
  TableCall& call_;
};

class TableCallPoolTest : public TableServerTest {
 protected:
  void SetUp() override {
    table_.Add("/test.Test/One",
               [](TableCall& call) { return std::make_unique<OneMessage>(call); });
    Start();
  }

  std::vector<std::unique_ptr<RawCall>> Open(int count) {
    std::vector<std::unique_ptr<RawCall>> calls;
    for (int i = 0; i < count; ++i) {
      calls.push_back(std::make_unique<RawCall>(channel_, "/test.Test/One"));
    }
    // On the same connection, so all others have begun.
    EXPECT_TRUE(Call("/test.Test/One", "x").ok());
    return calls;
  }
};

TEST_F(TableCallPoolTest, MoreCallsThanArePostedAreOpenAtOnce) {
  const auto calls = Open(500);
  for (const auto& call : calls) EXPECT_EQ(call->Send("x").Receive(), "x");
  for (const auto& call : calls) EXPECT_TRUE(call->Finish().ok());
}

TEST_F(TableCallPoolTest, EndReachesEveryCallThatHasBegun) {
  const auto calls = Open(100);
  std::thread shutdown([this] { Shutdown(std::chrono::hours(1)); });
  for (const auto& call : calls) {
    EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  shutdown.join();
}

TEST_F(TableCallPoolTest, CallsThatComeWhileTheServerEndsAreAnsweredOrRefused) {
  std::thread callers([this] {
    while (Call("/test.Test/One", "x").ok()) {
    }
  });
  while (Call("/test.Test/One", "y").ok() && live_calls_.count() < 1) {
  }
  Shutdown(std::chrono::hours(1));
  callers.join();
}

}  // namespace
}  // namespace convoy::rpc
