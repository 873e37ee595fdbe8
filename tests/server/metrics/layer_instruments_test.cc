#include "server/metrics/layer_instruments.h"

#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

using std::chrono::microseconds;

TEST(LayerInstrumentsTest, CountsRequestsByStatusAndTheirBytes) {
  LayerInstruments instruments;
  instruments.OnRequest(
      {.stages = {.compute = microseconds(80)}, .input_bytes = 100, .output_bytes = 40});
  instruments.OnRequest(
      {.stages = {.compute = microseconds(120)}, .input_bytes = 200, .output_bytes = 60});
  instruments.OnRequest({.code = absl::StatusCode::kInvalidArgument,
                         .stages = {.compute = microseconds(5)},
                         .input_bytes = 7});
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kOk), 2u);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kInvalidArgument), 1u);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kInternal), 0u);
  EXPECT_EQ(instruments.InputBytes(), 307u);
  EXPECT_EQ(instruments.OutputBytes(), 100u);
}

TEST(LayerInstrumentsTest, TellsTheTimesOfAnswersFromThoseOfRefusals) {
  LayerInstruments instruments;
  instruments.OnRequest({.stages = {.compute = microseconds(80)}});
  instruments.OnRequest({.stages = {.compute = microseconds(120)}});
  instruments.OnRequest(
      {.code = absl::StatusCode::kResourceExhausted, .stages = {.compute = microseconds(5)}});
  EXPECT_EQ(instruments.answered_nanoseconds().Sum(), 200'000u);
  EXPECT_EQ(instruments.answered_nanoseconds().CumulativeCounts().back(), 2u);
  EXPECT_EQ(instruments.failed_nanoseconds().Sum(), 5'000u);
  EXPECT_EQ(instruments.failed_nanoseconds().CumulativeCounts().back(), 1u);
}

TEST(LayerInstrumentsTest, MeasuresTheStagesOfAnswers) {
  LayerInstruments instruments;
  instruments.OnRequest({.stages = {microseconds(1), microseconds(2), microseconds(3)}});
  instruments.OnRequest({.code = absl::StatusCode::kDeadlineExceeded,
                         .stages = {microseconds(10), microseconds(20), microseconds(30)}});
  EXPECT_EQ(instruments.respond_nanoseconds().CumulativeCounts().back(), 0u) << "not sent yet";
  instruments.OnSent(microseconds(4));
  EXPECT_EQ(instruments.decode_nanoseconds().Sum(), 1'000u);
  EXPECT_EQ(instruments.queue_nanoseconds().Sum(), 2'000u);
  EXPECT_EQ(instruments.compute_nanoseconds().Sum(), 3'000u);
  EXPECT_EQ(instruments.respond_nanoseconds().Sum(), 4'000u);
}

TEST(LayerInstrumentsTest, CountsBatchesApartFromRequests) {
  LayerInstruments instruments;
  instruments.OnBatch({.parts = 3,
                       .requests = 3,
                       .sequences = 12,
                       .duration = microseconds(700),
                       .request_durations = microseconds(2100)});
  // A part of a request that is not done yet, then its last one.
  instruments.OnBatch({.parts = 1, .duration = microseconds(200)});
  instruments.OnBatch({.parts = 1,
                       .requests = 1,
                       .sequences = 1,
                       .duration = microseconds(100),
                       .request_durations = microseconds(300)});
  EXPECT_EQ(instruments.batch_requests().Sum(), 4u);
  EXPECT_EQ(instruments.batch_requests().CumulativeCounts().front(), 1u) << "with 0 requests";
  EXPECT_EQ(instruments.batch_requests().CumulativeCounts().back(), 3u);
  EXPECT_EQ(instruments.BatchParts(), 5u);
  EXPECT_EQ(instruments.ExecutionNanoseconds(), 2'400'000u);
  EXPECT_EQ(instruments.BatchSequences(), 13u);
  EXPECT_EQ(instruments.batch_nanoseconds().Sum(), 1'000'000u);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kOk), 0u);
}

TEST(LayerInstrumentsTest, CountsWhatBatchesTook) {
  LayerInstruments instruments;
  instruments.OnBatch({.parts = 4,
                       .run = {.packed = 2,
                               .chunked = 1,
                               .direct = 1,
                               .wanted_frames = 100,
                               .wasted_frames = 30,
                               .multiply_accumulates = 13'000}});
  instruments.OnBatch({.parts = 1, .run = {.packed = 1, .wanted_frames = 7}});  // it failed
  EXPECT_EQ(instruments.BatchFrames(), 107u);
  EXPECT_EQ(instruments.WastedFrames(), 30u);
  EXPECT_EQ(instruments.MultiplyAccumulates(), 13'000u);
  EXPECT_EQ(instruments.PackedParts(), 3u);
  EXPECT_EQ(instruments.ChunkedParts(), 1u);
  EXPECT_EQ(instruments.DirectParts(), 1u);
}

TEST(LayerInstrumentsTest, AddsUpBacklogsUntilTheyAreTaken) {
  LayerInstruments instruments;
  instruments.OnBacklog({.requests = 2, .bytes = 80, .seconds = 0.25});
  instruments.OnBacklog({.requests = 1, .bytes = 20, .seconds = 0.5});
  const batching::LayerBacklog taken = instruments.TakeBacklog();
  EXPECT_EQ(taken.requests, 3);
  EXPECT_EQ(taken.bytes, 100);
  EXPECT_DOUBLE_EQ(taken.seconds, 0.75);
  EXPECT_EQ(instruments.TakeBacklog().requests, 0);
}

TEST(LayerInstrumentsTest, CountsANumberThatIsNoStatusCodeAsUnknown) {
  LayerInstruments instruments;
  instruments.OnRequest(
      {.code = static_cast<absl::StatusCode>(99), .stages = {.compute = microseconds(1)}});
  instruments.OnRequest(
      {.code = static_cast<absl::StatusCode>(-1), .stages = {.compute = microseconds(1)}});
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kUnknown), 2u);
}

TEST(LayerInstrumentsTest, AreActiveWithEachCallAndEachBatch) {
  LayerInstruments instruments;
  EXPECT_EQ(instruments.Activity(), 0u);
  instruments.OnRequest({.code = absl::StatusCode::kInternal});
  EXPECT_EQ(instruments.Activity(), 1u);
  instruments.OnBatch({.parts = 1});
  EXPECT_EQ(instruments.Activity(), 2u);
}

}  // namespace
}  // namespace convoy::metrics
