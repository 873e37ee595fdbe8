#include "server/status/recorder.h"

#include <chrono>

#include "gtest/gtest.h"

namespace convoy::status {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RecorderTest : public ::testing::Test {
 protected:
  void Call(metrics::LayerMetrics& layer, int times = 1) {
    for (int i = 0; i < times; ++i) {
      layer.OnRequest({.stages = {.compute = milliseconds(2)}});
    }
  }

  void LookAfter(seconds time) {
    moment_.steady += time;
    moment_.wall += time;
    recorder_.Look(moment_);
  }

  uint64_t CallsOf(std::string_view layer) const {
    return recorder_.Layer(layer).figures.AllRequests();
  }

  metrics::Metrics metrics_;
  Recorder recorder_{metrics_};
  Recorder::Moment moment_{Recorder::Clock::time_point(seconds(1000)),
                           std::chrono::system_clock::time_point(seconds(1'700'000'000))};
};

TEST_F(RecorderTest, HasNoPointBeforeASecondHasPassed) {
  EXPECT_TRUE(recorder_.points().empty());
  LookAfter(seconds(0));
  EXPECT_TRUE(recorder_.points().empty());
  EXPECT_EQ(recorder_.Last(seconds(10)).seconds, 0);
  LookAfter(seconds(1));
  EXPECT_EQ(recorder_.points().size(), 1u);
}

TEST_F(RecorderTest, LeavesOutWhatWasBeforeTheFirstLook) {
  const auto a = metrics_.ForLayer("a");
  Call(*a, 5);
  metrics_.OnUnknownLayer(absl::StatusCode::kNotFound);
  LookAfter(seconds(0));
  Call(*a, 2);
  metrics_.OnUnknownLayer(absl::StatusCode::kNotFound);
  LookAfter(seconds(1));
  const Span& span = recorder_.points().back().since_last;
  EXPECT_EQ(span.figures.Requests(Outcome::kAnswered), 2u);
  EXPECT_EQ(span.figures.Requests(Outcome::kInvalid), 1u);
  EXPECT_EQ(span.unknown_layer_requests, 1u);
  EXPECT_EQ(CallsOf("a"), 2u);
}

TEST_F(RecorderTest, AddsUpAllLayers) {
  const auto a = metrics_.ForLayer("a");
  const auto b = metrics_.ForLayer("b");
  LookAfter(seconds(0));
  Call(*a, 3);
  Call(*b, 4);
  LookAfter(seconds(2));
  const Span& span = recorder_.points().back().since_last;
  EXPECT_EQ(span.figures.AllRequests(), 7u);
  EXPECT_DOUBLE_EQ(span.seconds, 2);
  EXPECT_EQ(CallsOf("a"), 3u);
  EXPECT_EQ(CallsOf("b"), 4u);
  EXPECT_EQ(CallsOf("c"), 0u);
}

TEST_F(RecorderTest, SumsUpTheLastSeconds) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  for (int i = 1; i <= 20; ++i) {
    Call(*a, i);
    LookAfter(seconds(1));
  }
  EXPECT_EQ(recorder_.Last(seconds(2)).figures.AllRequests(), 39u);
  EXPECT_DOUBLE_EQ(recorder_.Last(seconds(2)).seconds, 2);
  EXPECT_EQ(recorder_.Last(seconds(60)).figures.AllRequests(), 210u);
  EXPECT_DOUBLE_EQ(recorder_.Last(seconds(60)).seconds, 20);
}

TEST_F(RecorderTest, KeepsTwoMinutes) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  Call(*a);
  for (size_t i = 0; i < Recorder::kPoints; ++i) LookAfter(seconds(1));
  EXPECT_EQ(recorder_.points().size(), Recorder::kPoints);
  EXPECT_EQ(recorder_.points().front().since_last.figures.AllRequests(), 1u);
  LookAfter(seconds(1));
  EXPECT_EQ(recorder_.points().size(), Recorder::kPoints);
  EXPECT_EQ(recorder_.points().front().since_last.figures.AllRequests(), 0u);
}

TEST_F(RecorderTest, ForgetsWhatALayerDidBeforeTheLastMinute) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  Call(*a, 7);
  for (int i = 0; i < 60; ++i) LookAfter(seconds(1));
  EXPECT_EQ(CallsOf("a"), 7u);
  Call(*a, 1);
  for (int i = 0; i < 10; ++i) LookAfter(seconds(1));
  EXPECT_EQ(CallsOf("a"), 1u);
  const double window = recorder_.Layer("a").seconds;
  EXPECT_GE(window, 60);
  EXPECT_LT(window, 71);
}

TEST_F(RecorderTest, SeesANewLayerFromItsFirstCall) {
  LookAfter(seconds(0));
  const auto a = metrics_.ForLayer("a");
  Call(*a, 3);
  LookAfter(seconds(1));
  EXPECT_EQ(recorder_.points().back().since_last.figures.AllRequests(), 3u);
  EXPECT_EQ(CallsOf("a"), 3u);
  EXPECT_DOUBLE_EQ(recorder_.Layer("a").seconds, 1);
}

TEST_F(RecorderTest, KeepsNoLayerThatIsGone) {
  auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  Call(*a, 3);
  LookAfter(seconds(1));
  a = nullptr;
  LookAfter(seconds(1));
  EXPECT_EQ(CallsOf("a"), 0u);
  EXPECT_EQ(recorder_.Last(seconds(10)).figures.AllRequests(), 3u);  // they happened
}

TEST_F(RecorderTest, TakesALayerThatComesBackForAnother) {
  auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  Call(*a, 30);
  LookAfter(seconds(1));
  a = nullptr;
  a = metrics_.ForLayer("a");
  Call(*a, 2);
  LookAfter(seconds(1));
  EXPECT_EQ(recorder_.points().back().since_last.figures.AllRequests(), 2u);
  EXPECT_EQ(CallsOf("a"), 2u);
}

TEST_F(RecorderTest, SeesWhatFollowsACallALittleLater) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  LookAfter(seconds(1));
  LookAfter(seconds(1));  // long quiet
  Call(*a);
  LookAfter(seconds(1));
  a->OnSent(milliseconds(4));
  LookAfter(seconds(1));
  const Figures& figures = recorder_.points().back().since_last.figures;
  EXPECT_EQ(figures.NanosecondsIn(Stage::kRespond).Count(), 1u);
}

TEST_F(RecorderTest, AsksTheGauges) {
  double waiting = 3;
  metrics_.AddGauge("convoy_queue_requests", "help", [&waiting] { return waiting; });
  LookAfter(seconds(0));
  waiting = 5;
  LookAfter(seconds(1));
  EXPECT_EQ(recorder_.points().back().gauges.queue_requests, 5);
  EXPECT_GT(recorder_.points().back().gauges.resident_bytes, 0);
}

}  // namespace
}  // namespace convoy::status
