#include "server/metrics/version_statistics.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/metrics/layer_instruments.h"

namespace convoy::metrics {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class VersionStatisticsTest : public ::testing::Test {
 protected:
  const std::shared_ptr<LayerInstruments> layer_ = std::make_shared<LayerInstruments>();
  VersionStatistics statistics_{layer_};
};

TEST_F(VersionStatisticsTest, AddsUpAnsweredAndFailedRequestsApart) {
  const steady_clock::time_point later(seconds(7));
  statistics_.OnRequest(
      {.stages = {microseconds(1), microseconds(20), microseconds(300), microseconds(4000)},
       .ended = later,
       .sequences = 5});
  statistics_.OnRequest({.stages = {microseconds(1)}, .ended = later - seconds(1), .sequences = 2});
  statistics_.OnRequest({.code = absl::StatusCode::kDeadlineExceeded,
                         .stages = {.decode = microseconds(3), .queue = microseconds(9)},
                         .ended = later + seconds(1)});
  const VersionTotals totals = statistics_.Totals();
  EXPECT_EQ(totals.answered, 2u);
  EXPECT_EQ(totals.sequences, 7u);
  EXPECT_EQ(totals.stages.decode, microseconds(2));
  EXPECT_EQ(totals.stages.queue, microseconds(20));
  EXPECT_EQ(totals.stages.compute, microseconds(300));
  EXPECT_EQ(totals.stages.respond, microseconds(4000));
  EXPECT_EQ(totals.failed, 1u);
  EXPECT_EQ(totals.failed_time, microseconds(12));
  EXPECT_GE(totals.last_answered, later - seconds(1));
  EXPECT_LE(totals.last_answered, later) << "a failure is no answer";
}

TEST_F(VersionStatisticsTest, TellsTheLayerToo) {
  statistics_.OnRequest({.input_bytes = 8});
  statistics_.OnBatch({.parts = 3});
  statistics_.OnSent(nanoseconds(5));
  EXPECT_EQ(layer_->respond_nanoseconds().Sum(), 5u);
  EXPECT_EQ(layer_->Requests(absl::StatusCode::kOk), 1u);
  EXPECT_EQ(layer_->InputBytes(), 8u);
  EXPECT_EQ(layer_->BatchParts(), 3u);
}

TEST_F(VersionStatisticsTest, CountsARequestInPartsWithItsLastOne) {
  statistics_.OnBatch({.parts = 2, .duration = microseconds(10)});
  statistics_.OnBatch({.parts = 2,
                       .requests = 1,
                       .sequences = 4,
                       .duration = microseconds(10),
                       .request_durations = microseconds(20),
                       .longest_request = microseconds(20)});
  statistics_.OnBatch({.parts = 2,
                       .requests = 2,
                       .sequences = 4,
                       .duration = microseconds(5),
                       .request_durations = microseconds(10),
                       .longest_request = microseconds(5)});
  const VersionTotals totals = statistics_.Totals();
  ASSERT_EQ(totals.batches.size(), 1u);
  EXPECT_EQ(totals.batches.at(4).batches, 2u);
  EXPECT_EQ(totals.batches.at(4).nanoseconds, 25'000u);
}

TEST_F(VersionStatisticsTest, ManyDifferentSizesAreBoundedAndNoBatchIsLost) {
  const auto most = static_cast<int64_t>(VersionStatistics::kMostSizes);
  for (int64_t round = 0; round < 2; ++round) {
    for (int64_t sequences = 1; sequences <= most + 3; ++sequences) {
      statistics_.OnBatch({.requests = 1, .sequences = sequences});
    }
  }
  const VersionTotals totals = statistics_.Totals();
  EXPECT_EQ(totals.batches.size(), VersionStatistics::kMostSizes + 1);
  EXPECT_EQ(totals.batches.at(most).batches, 2u) << "exactly full";
  EXPECT_EQ(totals.batches.at(0).batches, 6u) << "too many";
}

TEST_F(VersionStatisticsTest, LosesNothingThatThreadsTellAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) EXPECT_LE(statistics_.Totals().answered, uint64_t{kThreads * kEach});
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; ++i) {
    writers.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        statistics_.OnBatch({.requests = 1, .sequences = 1 + j % 3});
        statistics_.OnRequest({.stages = {.compute = nanoseconds(2)}, .sequences = 1});
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop = true;
  reader.join();
  const VersionTotals totals = statistics_.Totals();
  EXPECT_EQ(totals.answered, uint64_t{kThreads * kEach});
  EXPECT_EQ(totals.stages.compute.count(), 2 * kThreads * kEach);
  uint64_t batches = 0;
  for (const auto& [sequences, size] : totals.batches) batches += size.batches;
  EXPECT_EQ(batches, uint64_t{kThreads * kEach});
}

}  // namespace
}  // namespace convoy::metrics
