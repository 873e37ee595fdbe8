#include "server/metrics/layer_instruments.h"

#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

using std::chrono::microseconds;

TEST(LayerInstrumentsTest, CountsRequestsByStatusAndTheirBytes) {
  LayerInstruments instruments;
  instruments.OnRequest(absl::StatusCode::kOk, microseconds(80), 100, 40);
  instruments.OnRequest(absl::StatusCode::kOk, microseconds(120), 200, 60);
  instruments.OnRequest(absl::StatusCode::kInvalidArgument, microseconds(5), 7, 0);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kOk), 2u);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kInvalidArgument), 1u);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kInternal), 0u);
  EXPECT_EQ(instruments.InputBytes(), 307u);
  EXPECT_EQ(instruments.OutputBytes(), 100u);
}

TEST(LayerInstrumentsTest, TellsTheTimesOfAnswersFromThoseOfRefusals) {
  LayerInstruments instruments;
  instruments.OnRequest(absl::StatusCode::kOk, microseconds(80), 0, 0);
  instruments.OnRequest(absl::StatusCode::kOk, microseconds(120), 0, 0);
  instruments.OnRequest(absl::StatusCode::kResourceExhausted, microseconds(5), 0, 0);
  EXPECT_EQ(instruments.answered_nanoseconds().Sum(), 200'000u);
  EXPECT_EQ(instruments.answered_nanoseconds().CumulativeCounts().back(), 2u);
  EXPECT_EQ(instruments.failed_nanoseconds().Sum(), 5'000u);
  EXPECT_EQ(instruments.failed_nanoseconds().CumulativeCounts().back(), 1u);
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

TEST(LayerInstrumentsTest, CountsANumberThatIsNoStatusCodeAsUnknown) {
  LayerInstruments instruments;
  instruments.OnRequest(static_cast<absl::StatusCode>(99), microseconds(1), 0, 0);
  instruments.OnRequest(static_cast<absl::StatusCode>(-1), microseconds(1), 0, 0);
  EXPECT_EQ(instruments.Requests(absl::StatusCode::kUnknown), 2u);
}

}  // namespace
}  // namespace convoy::metrics
