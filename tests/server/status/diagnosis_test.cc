#include "server/status/diagnosis.h"

#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/metrics/layer_instruments.h"

namespace convoy::status {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const auto kWhy = StartsWith("A mean call takes ");

// In ten seconds.
Span SpanOf(int answered, int others = 0, absl::StatusCode code = absl::StatusCode::kInternal,
            std::chrono::seconds work = std::chrono::seconds(0)) {
  metrics::LayerInstruments instruments;
  for (int i = 0; i < answered; ++i) {
    instruments.OnRequest({.stages = {.compute = std::chrono::milliseconds(2)}});
  }
  for (int i = 0; i < others; ++i) instruments.OnRequest({.code = code});
  instruments.OnBatch({.parts = 1, .requests = 1, .sequences = 1, .duration = work});
  return {.seconds = 10, .figures = Figures::Of(instruments)};
}

Facts FactsWith(const Span& span) {
  Facts facts;
  facts.layers.callable = 2;
  facts.recent = facts.minute = span;
  return facts;
}

TEST(DiagnosisTest, IsUpAndSaysHowFast) {
  const Diagnosis diagnosis = Diagnose(FactsWith(SpanOf(1000)));
  EXPECT_EQ(diagnosis.level, Level::kOk);
  EXPECT_THAT(diagnosis.sentence, StartsWith("Up: 100 calls per second; half of them"));
  EXPECT_THAT(diagnosis.sentence, HasSubstr("99 % within 2.5 ms"));
  EXPECT_THAT(diagnosis.also, ElementsAre("A mean call takes 2.0 ms: 2.0 ms to compute, 0.00 ms to "
                                          "read it, 0.00 ms in the queue."));
}

TEST(DiagnosisTest, IsUpAndIdle) {
  EXPECT_EQ(Diagnose(FactsWith(SpanOf(0))).sentence,
            "Up and idle: no calls in the last seconds, 2 layers ready.");
  EXPECT_THAT(Diagnose(FactsWith(SpanOf(0))).also, IsEmpty());
  EXPECT_EQ(Diagnose(Facts()).sentence, "Up, with no layer to call: the repository has none.");
}

TEST(DiagnosisTest, IsStartingUntilAllIsThere) {
  Facts facts = FactsWith(SpanOf(0));
  facts.complete = false;
  facts.readiness = absl::UnavailableError("the server is starting");
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kStarting);
  EXPECT_EQ(diagnosis.sentence, "Starting: 2 layers can be called so far.");
}

TEST(DiagnosisTest, IsNotReadyWithoutARequiredLayer) {
  Facts facts = FactsWith(SpanOf(0));
  facts.readiness = absl::UnavailableError("a required layer is missing: no layer 'x'");
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kCritical);
  EXPECT_EQ(diagnosis.sentence, "Not ready: a required layer is missing: no layer 'x'.");
}

TEST(DiagnosisTest, SaysFirstThatItDrains) {
  Facts facts = FactsWith(SpanOf(10, 90, absl::StatusCode::kUnavailable));
  facts.draining = true;
  facts.readiness = absl::UnavailableError("the server is draining");
  facts.queue_requests = 3;
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kDraining);
  EXPECT_THAT(diagnosis.sentence, StartsWith("Draining: "));
  EXPECT_THAT(diagnosis.sentence, HasSubstr("3 calls in the queue"));
  EXPECT_THAT(diagnosis.also,
              ElementsAre(StartsWith("Up: "), kWhy, StartsWith("Overloaded: 90 % ")));
}

TEST(DiagnosisTest, IsCriticalFromOneOfAHundredOn) {
  Diagnosis diagnosis = Diagnose(FactsWith(SpanOf(99, 1)));
  EXPECT_EQ(diagnosis.level, Level::kCritical);
  EXPECT_THAT(diagnosis.sentence, StartsWith("Failing: 1.0 % of calls (1 of 100) "));
  diagnosis = Diagnose(FactsWith(SpanOf(100, 1)));
  EXPECT_EQ(diagnosis.level, Level::kWarning);
}

TEST(DiagnosisTest, TellsRefusalsFromLateOnes) {
  EXPECT_THAT(Diagnose(FactsWith(SpanOf(50, 50, absl::StatusCode::kResourceExhausted))).sentence,
              StartsWith("Overloaded: 50 % "));
  EXPECT_THAT(Diagnose(FactsWith(SpanOf(50, 50, absl::StatusCode::kDeadlineExceeded))).sentence,
              StartsWith("Too slow for its callers: 50 % "));
}

TEST(DiagnosisTest, DoesNotBlameTheServerForItsCallersMistakes) {
  EXPECT_EQ(Diagnose(FactsWith(SpanOf(50, 50, absl::StatusCode::kInvalidArgument))).level,
            Level::kOk);
}

TEST(DiagnosisTest, IsBusyWhenWorkersHaveNoRoomLeft) {
  Facts facts = FactsWith(SpanOf(100, 0, absl::StatusCode::kInternal, std::chrono::seconds(19)));
  facts.workers = 2;
  facts.queue_requests = 7;
  facts.recent.cpu_seconds = 18;
  EXPECT_DOUBLE_EQ(Utilisation(facts.recent, facts.workers), 0.95);
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kWarning);
  EXPECT_THAT(diagnosis.sentence, HasSubstr("95 % of their time, and 7 calls wait"));
  facts.workers = 4;
  EXPECT_EQ(Diagnose(facts).level, Level::kOk);
}

TEST(DiagnosisTest, TellsWorkersThatWaitForAProcessorFromBusyOnes) {
  Facts facts = FactsWith(SpanOf(100, 0, absl::StatusCode::kInternal, std::chrono::seconds(19)));
  facts.workers = 2;
  facts.recent.cpu_seconds = 4;
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kWarning);
  EXPECT_THAT(diagnosis.sentence, StartsWith("Short of processors: the workers were at it for 1.9 "
                                             "cores' time, and the process got 0.40: "));
  EXPECT_THAT(diagnosis.also, ElementsAre(StartsWith("Up: "), kWhy));

  facts.recent = SpanOf(100, 0, absl::StatusCode::kInternal, std::chrono::seconds(1));
  EXPECT_EQ(Diagnose(facts).level, Level::kOk) << "too little to tell";
}

TEST(DiagnosisTest, NamesABrokenLayerAndWhy) {
  Facts facts = FactsWith(SpanOf(100));
  facts.layers.broken = 1;
  facts.broken_layer = "a/1/config.json: no such file";
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kWarning);
  EXPECT_EQ(diagnosis.sentence, "1 layer of 3 cannot be called: a/1/config.json: no such file.");
  EXPECT_THAT(diagnosis.also, ElementsAre(StartsWith("Up: "), kWhy));
}

TEST(DiagnosisTest, NamesAVersionThatDidNotLoad) {
  Facts facts = FactsWith(SpanOf(100));
  facts.load_error = "a/2/config.json: no such file.";
  EXPECT_THAT(Diagnose(facts).sentence,
              EndsWith("an older one serves: a/2/config.json: no such file."));
}

TEST(DiagnosisTest, SeesTheRepositoryAndTheMemoryGo) {
  Facts facts = FactsWith(SpanOf(100));
  facts.repository_readable = false;
  facts.memory_limit_bytes = 100;
  facts.resident_bytes = 95;
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kWarning);
  EXPECT_THAT(diagnosis.sentence, HasSubstr("95 % of it"));
  EXPECT_THAT(diagnosis.also, ElementsAre(StartsWith("Up: "), kWhy, HasSubstr("repository")));
}

TEST(DiagnosisTest, PutsTheGravestFirst) {
  Facts facts = FactsWith(SpanOf(50, 50));
  facts.layers.broken = 1;
  EXPECT_THAT(Diagnose(facts).sentence, StartsWith("Failing"));
  EXPECT_THAT(Diagnose(facts).also,
              ElementsAre(StartsWith("Up"), kWhy, HasSubstr("cannot be called")));
}

TEST(DiagnosisTest, MentionsCallsForLayersThatAreNotThere) {
  Facts facts = FactsWith(SpanOf(100));
  facts.minute.unknown_layer_requests = 4;
  const Diagnosis diagnosis = Diagnose(facts);
  EXPECT_EQ(diagnosis.level, Level::kOk);
  EXPECT_THAT(diagnosis.also, ElementsAre(kWhy, StartsWith("4 calls of the last minute named")));
}

}  // namespace
}  // namespace convoy::status
