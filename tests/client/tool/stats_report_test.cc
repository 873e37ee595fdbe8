#include "client/tool/stats_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace convoy::tool {
namespace {

using testing::HasSubstr;

client::VersionStatistics Of(const std::string& layer, uint64_t answered, absl::Duration each) {
  return {.layer = layer,
          .version = "1",
          .answered = {answered, each * static_cast<int64_t>(answered)},
          .compute = each * static_cast<int64_t>(answered),
          .sequences = 3 * answered,
          .batches = answered};
}

std::string Printed(const LayerStatistics& statistics, absl::Duration interval) {
  std::ostringstream out;
  PrintStatistics(statistics, interval, out);
  return out.str();
}

TEST(StatsReport, RatesAndAveragesAreOfTheInterval) {
  const LayerStatistics before = {Of("a", 10, absl::Milliseconds(1)), Of("gone", 1, {})};
  LayerStatistics now = {Of("a", 30, absl::Milliseconds(1)), Of("new", 4, absl::Seconds(2))};
  now[0].answered.time += absl::Milliseconds(20);
  const std::string text = Printed(Since(before, now), absl::Seconds(2));
  EXPECT_THAT(text, HasSubstr("a      1        10.0        0       3.0              2.00 ms"));
  EXPECT_THAT(text, HasSubstr("new    1        2.0         0       3.0              2.00 s"));
  EXPECT_THAT(text, testing::Not(HasSubstr("gone")));
}

TEST(StatsReport, AVersionThatWasLoadedAnewIsShownWhole) {
  const LayerStatistics since =
      Since({Of("a", 10, absl::Milliseconds(1))}, {Of("a", 3, absl::Milliseconds(1))});
  EXPECT_EQ(since[0].answered.count, 3u);
  EXPECT_EQ(since[0].sequences, 9u);
}

TEST(StatsReport, NothingDoneHasNoAverages) {
  EXPECT_THAT(Printed({Of("a", 0, {})}, absl::ZeroDuration()),
              HasSubstr("a      1        0         0       -                -     -       -      -"
                        "        -        -\n"));
}

}  // namespace
}  // namespace convoy::tool
