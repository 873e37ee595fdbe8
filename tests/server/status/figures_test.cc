#include "server/status/figures.h"

#include <chrono>

#include "gtest/gtest.h"

namespace convoy::status {
namespace {

using std::chrono::milliseconds;

TEST(FiguresTest, TellWhoseFaultAnEndIs) {
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kOk), Outcome::kAnswered);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kResourceExhausted), Outcome::kRefused);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kUnavailable), Outcome::kRefused);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kDeadlineExceeded), Outcome::kLate);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kCancelled), Outcome::kLate);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kInvalidArgument), Outcome::kInvalid);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kNotFound), Outcome::kInvalid);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kInternal), Outcome::kFailed);
  EXPECT_EQ(OutcomeOf(absl::StatusCode::kUnknown), Outcome::kFailed);
}

TEST(FiguresTest, AreReadFromALayersInstruments) {
  metrics::LayerInstruments instruments;
  instruments.OnRequest({.stages = {.compute = milliseconds(3)}});
  instruments.OnRequest({.stages = {.compute = milliseconds(3)}});
  instruments.OnRequest({.code = absl::StatusCode::kInternal});
  instruments.OnSent(milliseconds(1));
  instruments.OnBatch({.parts = 3, .requests = 2, .sequences = 2, .duration = milliseconds(5)});
  const Figures figures = Figures::Of(instruments);
  EXPECT_EQ(figures.Requests(Outcome::kAnswered), 2u);
  EXPECT_EQ(figures.Requests(Outcome::kFailed), 1u);
  EXPECT_EQ(figures.AllRequests(), 3u);
  EXPECT_EQ(figures.answered_nanoseconds.Count(), 2u);
  EXPECT_EQ(figures.NanosecondsIn(Stage::kDecode).Count(), 2u);
  EXPECT_EQ(figures.NanosecondsIn(Stage::kCompute).Mean(), 3e6);
  EXPECT_EQ(figures.NanosecondsIn(Stage::kRespond).Count(), 1u);
  EXPECT_EQ(figures.batch_requests.Count(), 1u);
  EXPECT_EQ(figures.batch_parts, 3u);
  EXPECT_EQ(figures.work_nanoseconds, 5'000'000u);
}

TEST(FiguresTest, AddAndSubtractAllTheirParts) {
  metrics::LayerInstruments instruments;
  instruments.OnRequest({.stages = {.compute = milliseconds(3)}});
  instruments.OnBatch({.parts = 3, .requests = 1, .sequences = 2, .duration = milliseconds(5)});
  const Figures once = Figures::Of(instruments);
  Figures twice = once;
  twice += once;
  EXPECT_EQ(twice.AllRequests(), 2u);
  EXPECT_EQ(twice.answered_nanoseconds.Count(), 2u);
  EXPECT_EQ(twice.NanosecondsIn(Stage::kQueue).Count(), 2u);
  EXPECT_EQ(twice.batch_requests.Count(), 2u);
  EXPECT_EQ(twice.batch_parts, 6u);
  EXPECT_EQ(twice.work_nanoseconds, 10'000'000u);
  twice -= once;
  twice -= once;
  EXPECT_EQ(twice.AllRequests(), 0u);
  EXPECT_EQ(twice.answered_nanoseconds.Count(), 0u);
  EXPECT_EQ(twice.NanosecondsIn(Stage::kQueue).Count(), 0u);
  EXPECT_EQ(twice.batch_requests.Count(), 0u);
  EXPECT_EQ(twice.batch_parts, 0u);
  EXPECT_EQ(twice.work_nanoseconds, 0u);
}

}  // namespace
}  // namespace convoy::status
