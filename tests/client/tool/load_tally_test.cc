#include "client/tool/load_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(LoadTally, AnEmptyStretchHasNoRate) { EXPECT_EQ(LoadTally().RequestsPerSecond(), 0); }

TEST(LoadTally, TheRateCountsOnlyAnsweredRequests) {
  LoadTally tally;
  for (int i = 0; i < 6; ++i) tally.latency.Record(absl::Milliseconds(1));
  tally.errors[absl::StatusCode::kUnavailable] = 100;
  tally.elapsed = absl::Seconds(2);
  EXPECT_EQ(tally.RequestsPerSecond(), 3);
}

TEST(LoadTally, MergingAddsUpAndKeepsTheFirstError) {
  LoadTally first;
  first.latency.Record(absl::Milliseconds(1));
  first.sent_bytes = 10;
  first.received_bytes = 1;
  first.errors[absl::StatusCode::kUnavailable] = 2;
  first.first_error = absl::UnavailableError("first");
  first.dropped = 4;
  first.elapsed = absl::Seconds(1);
  LoadTally second;
  second.latency.Record(absl::Milliseconds(2));
  second.sent_bytes = 20;
  second.received_bytes = 2;
  second.errors[absl::StatusCode::kUnavailable] = 3;
  second.errors[absl::StatusCode::kNotFound] = 1;
  second.first_error = absl::NotFoundError("second");
  second.dropped = 5;
  second.elapsed = absl::Seconds(2);

  LoadTally total;
  total.Merge(first);
  total.Merge(second);
  EXPECT_EQ(total.answered(), 2);
  EXPECT_EQ(total.failed(), 6);
  EXPECT_EQ(total.sent_bytes, 30);
  EXPECT_EQ(total.received_bytes, 3);
  EXPECT_EQ(total.dropped, 9);
  EXPECT_EQ(total.elapsed, absl::Seconds(3));
  EXPECT_EQ(total.first_error, absl::UnavailableError("first"));
  EXPECT_THAT(total.errors, ElementsAre(Pair(absl::StatusCode::kNotFound, 1),
                                        Pair(absl::StatusCode::kUnavailable, 5)));
}

}  // namespace
}  // namespace convoy::tool
