#include "client/tool/bench_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A hundred requests of 1 to 100 ms in two seconds, and three failures.
LoadTally Example() {
  LoadTally tally;
  for (int i = 1; i <= 100; ++i) tally.latency.Record(absl::Milliseconds(i));
  tally.sent_bytes = 4'000'000;
  tally.received_bytes = 8'000'000;
  tally.errors[absl::StatusCode::kResourceExhausted] = 2;
  tally.errors[absl::StatusCode::kDeadlineExceeded] = 1;
  tally.elapsed = absl::Seconds(2);
  return tally;
}

BenchArguments Arguments() {
  BenchArguments arguments;
  arguments.layer = "stft";
  arguments.shape = {1, 1000, 64};
  arguments.lengths = {250, 500};
  return arguments;
}

TEST(BenchReport, TellsRateBytesLatenciesAndErrorsByCode) {
  std::ostringstream out;
  PrintReport(Arguments(), Example(), out);
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("100 answered, 3 failed in 2.00 s, 16 in flight"));
  EXPECT_THAT(text, HasSubstr("50.0 requests/s, 2.0 MB/s sent, 4.0 MB/s received"));
  EXPECT_THAT(text, HasSubstr("max 100.000 ms"));
  EXPECT_THAT(text, HasSubstr("DEADLINE_EXCEEDED 1, RESOURCE_EXHAUSTED 2"));
}

TEST(BenchReport, TellsWhatARateDroppedAlsoWithoutFailures) {
  BenchArguments arguments = Arguments();
  arguments.rate = 800;
  LoadTally tally = Example();
  tally.dropped = 7;
  std::ostringstream out;
  PrintReport(arguments, tally, out);
  EXPECT_THAT(out.str(), HasSubstr("in 2.00 s, 800 due a second, 7 dropped with 1024 in flight\n"));
  std::ostringstream json;
  PrintJsonReport(arguments, tally, json);
  EXPECT_EQ(nlohmann::json::parse(json.str())["rate"], 800);
  EXPECT_EQ(nlohmann::json::parse(json.str())["dropped"], 7);
  std::ostringstream progress;
  PrintProgress(1, tally, progress);
  EXPECT_THAT(progress.str(), HasSubstr("  dropped: 7"));
}

TEST(BenchReport, WithoutAnswersThereAreNoLatencies) {
  LoadTally tally;
  tally.errors[absl::StatusCode::kUnavailable] = 1;
  tally.elapsed = absl::Seconds(1);
  std::ostringstream out;
  PrintReport(Arguments(), tally, out);
  EXPECT_THAT(out.str(), Not(HasSubstr("latency")));
  std::ostringstream json;
  PrintJsonReport(Arguments(), tally, json);
  EXPECT_TRUE(nlohmann::json::parse(json.str())["latency_ms"].is_null());
}

TEST(BenchReport, JsonIsOneLineWithEveryFigure) {
  std::ostringstream out;
  PrintJsonReport(Arguments(), Example(), out);
  EXPECT_EQ(out.str().find('\n'), out.str().size() - 1);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["layer"], "stft");
  EXPECT_EQ(json["shape"], (std::vector<int>{1, 1000, 64}));
  EXPECT_EQ(json["lengths"], (std::vector<int>{250, 500}));
  EXPECT_EQ(json["answered"], 100);
  EXPECT_EQ(json["failed"], 3);
  EXPECT_EQ(json["inflight"], 16);
  EXPECT_EQ(json["connections"], 1);
  EXPECT_TRUE(json["rate"].is_null());
  EXPECT_EQ(json["dropped"], 0);
  EXPECT_EQ(json["requests_per_second"], 50.0);
  EXPECT_NEAR(json["latency_ms"]["p50"].get<double>(), 50, 0.2);
  EXPECT_NEAR(json["latency_ms"]["p90"].get<double>(), 90, 0.4);
  EXPECT_NEAR(json["latency_ms"]["p99"].get<double>(), 99, 0.4);
  EXPECT_NEAR(json["latency_ms"]["mean"].get<double>(), 50.5, 1e-9);
  EXPECT_EQ(json["errors"]["RESOURCE_EXHAUSTED"], 2);
}

TEST(BenchReport, ProgressIsOneLineAndShowsErrorsOnlyIfAny) {
  std::ostringstream out;
  PrintProgress(3, Example(), out);
  EXPECT_THAT(out.str(), HasSubstr("3 s       50.0 requests/s"));
  EXPECT_THAT(out.str(), HasSubstr("errors: DEADLINE_EXCEEDED 1"));
  std::ostringstream quiet;
  PrintProgress(1, LoadTally(), quiet);
  EXPECT_THAT(quiet.str(), Not(HasSubstr("errors")));
}

}  // namespace
}  // namespace convoy::tool
