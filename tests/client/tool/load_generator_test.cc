#include "client/tool/load_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "client/channel.h"
#include "client/infer_codec.h"
#include "tests/client/fake_server.h"

namespace convoy::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class LoadGeneratorTest : public testing::Test {
 protected:
  LoadOptions Options(int inflight, int64_t requests) const {
    LoadOptions options;
    options.method = "/inference.GRPCInferenceService/ModelInfer";
    options.inflight = inflight;
    options.max_requests = requests;
    options.duration = absl::Minutes(5);
    options.timeout = absl::Minutes(1);
    return options;
  }

  static std::string Message(int64_t length, const std::string& layer = "echo") {
    const std::vector<int64_t> shape = {1, length, 1};
    const std::vector<float> values(static_cast<size_t>(length));
    return client::EncodeInferRequest(layer, "", client::FloatView(shape, values))
        ->SerializeAsString();
  }

  LoadTally Run(const std::vector<std::string>& messages, const LoadOptions& options) {
    const auto channel = client::OpenChannel(server_.address(), absl::Minutes(1));
    EXPECT_TRUE(channel.ok()) << channel.status();
    LoadGenerator generator({*channel}, messages, options);
    return generator.Run([this](const LoadTally&) {
      ++seconds_;
      seconds_.notify_all();
    });
  }

  client::FakeServer server_;
  std::atomic<int> seconds_ = 0;
};

TEST_F(LoadGeneratorTest, MakesExactlyTheRequestsItIsAllowed) {
  std::atomic<int> calls = 0;
  server_.set_refusal([&](const auto&) {
    ++calls;
    return grpc::Status::OK;
  });
  for (const int64_t requests : {1, 4, 5, 100}) {
    calls = 0;
    const LoadTally tally = Run({Message(3)}, Options(4, requests));
    EXPECT_EQ(calls, requests);
    EXPECT_EQ(tally.answered(), requests);
    EXPECT_EQ(tally.failed(), 0);
  }
}

TEST_F(LoadGeneratorTest, MessagesTakeTurns) {
  std::mutex mutex;
  std::map<int64_t, int> calls_by_length;
  server_.set_refusal([&](const inference::ModelInferRequest& request) {
    const std::lock_guard lock(mutex);
    ++calls_by_length[request.inputs(0).shape(1)];
    return grpc::Status::OK;
  });
  Run({Message(2), Message(5), Message(9)}, Options(4, 31));
  EXPECT_THAT(calls_by_length, ElementsAre(Pair(2, 11), Pair(5, 10), Pair(9, 10)));
}

TEST_F(LoadGeneratorTest, CountsBytesAndLatenciesOfAnsweredRequests) {
  const std::string message = Message(100);
  const LoadTally tally = Run({message}, Options(2, 10));
  EXPECT_EQ(tally.sent_bytes, static_cast<int64_t>(10 * message.size()));
  EXPECT_GT(tally.received_bytes, 10 * 400);
  EXPECT_GT(tally.latency.Quantile(0.5), absl::ZeroDuration());
  EXPECT_GE(tally.elapsed, tally.latency.Max());
}

TEST_F(LoadGeneratorTest, FailuresAreCountedByCodeAndDoNotStopTheRest) {
  std::atomic<int> calls = 0;
  server_.set_refusal([&](const auto&) {
    return ++calls % 4 == 0 ? grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "queue full")
                            : grpc::Status::OK;
  });
  const LoadTally tally = Run({Message(1)}, Options(3, 40));
  EXPECT_EQ(tally.answered(), 30);
  EXPECT_THAT(tally.errors, ElementsAre(Pair(absl::StatusCode::kResourceExhausted, 10)));
  EXPECT_EQ(tally.first_error, absl::ResourceExhaustedError("queue full"));
}

TEST_F(LoadGeneratorTest, KeepsTheAskedNumberInFlight) {
  constexpr int kInflight = 3;
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  // Nobody is answered before all places are taken, once.
  server_.set_refusal([&](const auto&) {
    const int mine = ++now;
    int seen = most;
    while (seen < mine && !most.compare_exchange_weak(seen, mine)) {
    }
    while (most < kInflight) std::this_thread::yield();
    --now;
    return grpc::Status::OK;
  });
  const LoadTally tally = Run({Message(1)}, Options(kInflight, 30));
  EXPECT_EQ(tally.answered(), 30);
  EXPECT_EQ(most, kInflight);
}

TEST_F(LoadGeneratorTest, StopsStartingWhenTheTimeIsUpAndReportsEachSecond) {
  LoadOptions options = Options(1, 0);
  options.duration = absl::Milliseconds(1300);
  const LoadTally tally = Run({Message(1)}, options);
  EXPECT_GE(seconds_, 1);
  EXPECT_GT(tally.answered(), 0);
  EXPECT_GE(tally.elapsed, absl::Milliseconds(1200));
}

TEST_F(LoadGeneratorTest, AtARateRequestsBeginOnTimeHoweverFastTheAnswersAre) {
  LoadOptions options = Options(100, 41);
  options.rate = 200;
  const LoadTally tally = Run({Message(1)}, options);
  EXPECT_EQ(tally.answered(), 41);
  EXPECT_EQ(tally.dropped, 0);
  EXPECT_GE(tally.elapsed, absl::Milliseconds(200));
}

TEST_F(LoadGeneratorTest, AtARateRequestsDoNotWaitForAnswers) {
  // The first is answered when all have come.
  std::atomic<int> calls = 0;
  server_.set_refusal([&](const auto&) {
    calls.fetch_add(1);
    calls.notify_all();
    for (int seen = calls; seen < 5; seen = calls) calls.wait(seen);
    return grpc::Status::OK;
  });
  LoadOptions options = Options(5, 5);
  options.rate = 1000;
  EXPECT_EQ(Run({Message(1)}, options).answered(), 5);
}

TEST_F(LoadGeneratorTest, AtARateRequestsThatFindAllPlacesTakenAreDropped) {
  // No answer in the first second; all requests are due in its first 20 ms.
  server_.set_refusal([&](const auto&) {
    seconds_.wait(0);
    return grpc::Status::OK;
  });
  LoadOptions options = Options(3, 20);
  options.rate = 1000;
  const LoadTally tally = Run({Message(1)}, options);
  EXPECT_EQ(tally.answered(), 3);
  EXPECT_EQ(tally.dropped, 17);
  EXPECT_EQ(tally.failed(), 0);
  EXPECT_GT(tally.latency.Quantile(0), absl::Milliseconds(900));
}

TEST_F(LoadGeneratorTest, AtARateTheTimeBoundsWhatIsDue) {
  LoadOptions options = Options(1000, 0);
  options.rate = 500;
  options.duration = absl::Milliseconds(100);
  const LoadTally tally = Run({Message(1)}, options);
  EXPECT_EQ(tally.answered() + tally.dropped, 50);
}

TEST_F(LoadGeneratorTest, EndlessTimesAreAllowed) {
  LoadOptions options = Options(2, 5);
  options.duration = absl::InfiniteDuration();
  options.timeout = absl::InfiniteDuration();
  EXPECT_EQ(Run({Message(1)}, options).answered(), 5);
  options.inflight = 5;
  options.rate = 1000;
  EXPECT_EQ(Run({Message(1)}, options).answered(), 5);
}

TEST_F(LoadGeneratorTest, AServerThatGoesAwayIsUnavailableNotAHang) {
  const auto channel = client::OpenChannel(server_.address(), absl::Minutes(1));
  ASSERT_TRUE(channel.ok()) << channel.status();
  server_.Stop();
  LoadGenerator generator({*channel}, {Message(1)}, Options(2, 20));
  const LoadTally tally = generator.Run([](const LoadTally&) {});
  EXPECT_EQ(tally.answered(), 0);
  EXPECT_THAT(tally.errors, ElementsAre(Pair(absl::StatusCode::kUnavailable, 20)));
}

}  // namespace
}  // namespace convoy::tool
