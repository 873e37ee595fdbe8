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
  EXPECT_EQ(instruments.request_nanoseconds().Sum(), 205'000u);
  EXPECT_EQ(instruments.request_nanoseconds().CumulativeCounts().back(), 3u);
}

TEST(LayerInstrumentsTest, CountsBatchesApartFromRequests) {
  LayerInstruments instruments;
  instruments.OnBatch(3, 12, microseconds(700));
  instruments.OnBatch(1, 1, microseconds(300));
  EXPECT_EQ(instruments.batch_requests().Sum(), 4u);
  EXPECT_EQ(instruments.batch_requests().CumulativeCounts().back(), 2u);
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
