#include "client/tool/bench_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;

class BenchCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.set_refusal([this](const inference::ModelInferRequest& request) {
      const std::lock_guard lock(mutex_);
      const auto& shape = request.inputs(0).shape();
      ++calls_[{shape.begin(), shape.end()}];
      return ++total_ > fail_after_ ? grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full")
                                    : grpc::Status::OK;
    });
  }

  Ran Bench(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "bench");
    arguments.insert(arguments.end(), {"--server", server_.address()});
    return RunConvoy(arguments);
  }

  std::mutex mutex_;
  std::map<std::vector<int64_t>, int> calls_;
  int total_ = 0;
  int fail_after_ = 1'000'000;
  client::FakeServer server_;
};

TEST_F(BenchCommandTest, SendsTheShapeAndReports) {
  const Ran ran = Bench({"echo", "--shape", "1,5,4", "--requests", "20", "--inflight", "3"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("20 answered, 0 failed"));
  EXPECT_THAT(ran.out, HasSubstr("p99"));
  EXPECT_THAT(ran.out, HasSubstr("errors    none"));
  // Once before the clock starts, then the twenty.
  EXPECT_EQ(calls_.size(), 1u);
  EXPECT_EQ((calls_[{1, 5, 4}]), 21);
}

TEST_F(BenchCommandTest, LengthsTakeTurnsOnTheTimeAxisOfTheLayer) {
  ASSERT_EQ(Bench({"echo", "--shape", "2,5,4", "--lengths", "10,20", "--requests", "4"}).code, 0);
  EXPECT_EQ((calls_[{2, 10, 4}]), 3);
  EXPECT_EQ((calls_[{2, 20, 4}]), 3);
  calls_.clear();
  ASSERT_EQ(Bench({"echo_first", "--shape", "1,4,5", "--lengths", "7", "--requests", "1"}).code, 0);
  EXPECT_EQ((calls_[{1, 4, 7}]), 2);
}

TEST_F(BenchCommandTest, JsonIsAllThatGoesToStandardOutput) {
  const Ran ran = Bench({"echo", "--shape", "1,5,4", "--requests", "5", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["answered"], 5);
}

TEST_F(BenchCommandTest, TimeBoundsTheRunAndProgressGoesToStandardError) {
  const Ran ran = Bench({"echo", "--shape", "1,5,4", "--seconds", "1.2", "--inflight", "1"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("1 s "));
  EXPECT_THAT(ran.err, HasSubstr("requests/s"));
}

TEST_F(BenchCommandTest, ARateIsKeptAndReported) {
  const Ran ran =
      Bench({"echo", "--shape", "1,5,4", "--rate", "200", "--requests", "21", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["answered"], 21);
  EXPECT_EQ(json["inflight"], 1024);
  EXPECT_GE(json["seconds"], 0.1);
}

TEST_F(BenchCommandTest, RequestsAreSpreadOverConnections) {
  const Ran ran = Bench(
      {"echo", "--shape", "1,5,4", "--requests", "30", "--inflight", "6", "--connections", "3"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("6 in flight over 3 connections"));
  EXPECT_EQ(server_.peers().size(), 3u);
}

TEST_F(BenchCommandTest, MoreConnectionsThanRequestsInFlightAreWrongUsage) {
  const Ran ran = Bench({"echo", "--shape", "1,5,4", "--inflight", "6", "--connections", "7"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--connections: expected at most one for each of 6 requests in "
                                 "flight (--inflight), got 7"));
}

TEST_F(BenchCommandTest, FailedRequestsAreReportedAndMakeTheExitCodeOne) {
  fail_after_ = 11;
  const Ran ran = Bench({"echo", "--shape", "1,5,4", "--requests", "15", "--inflight", "2"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("10 answered, 5 failed"));
  EXPECT_THAT(ran.out, HasSubstr("RESOURCE_EXHAUSTED 5"));
  EXPECT_THAT(ran.err, HasSubstr("convoy: RESOURCE_EXHAUSTED: 5 of 15 requests failed, the first "
                                 "with: full\n"));
}

TEST_F(BenchCommandTest, AServerThatIsFullFromTheStartIsMeasuredAllTheSame) {
  fail_after_ = 0;
  const Ran ran = Bench({"echo", "--shape", "1,5,4", "--requests", "5"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("0 answered, 5 failed"));
}

TEST_F(BenchCommandTest, AWrongLayerIsOneErrorBeforeTheClockStarts) {
  const Ran ran = Bench({"nobody", "--shape", "1,5,4"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: NOT_FOUND: no layer \"nobody\"\n");
  EXPECT_EQ(ran.out, "");
}

TEST_F(BenchCommandTest, UnusableArgumentsAreWrongUsage) {
  const std::vector<std::vector<std::string>> wrong = {
      {"echo"},
      {"echo", "--shape", "1,5"},
      {"echo", "--shape", "1,5,4,1"},
      {"echo", "--shape", "1,0,4"},
      {"echo", "--shape", "1,-5,4"},
      {"echo", "--shape", "1,five,4"},
      {"echo", "--shape", "1,4611686018427387904,4"},
      {"echo", "--shape", "1,536870912,4"},
      {"echo", "--shape", "1,5,4", "--lengths", "0"},
      {"echo", "--shape", "1,5,4", "--inflight", "0"},
      {"echo", "--shape", "1,5,4", "--connections", "0"},
      {"echo", "--shape", "1,5,4", "--rate", "0"},
      {"echo", "--shape", "1,5,4", "--rate", "nan"},
      {"echo", "--shape", "1,5,4", "--seconds", "0"},
      {"echo", "--shape", "1,5,4", "--requests", "-1"},
  };
  for (const auto& arguments : wrong) {
    const Ran ran = Bench(arguments);
    EXPECT_EQ(ran.code, 2) << testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(BenchCommandTest, NoServerIsAMissingConnection) {
  server_.Stop();
  EXPECT_EQ(Bench({"echo", "--shape", "1,5,4"}).code, 3);
}

}  // namespace
}  // namespace convoy::tool
