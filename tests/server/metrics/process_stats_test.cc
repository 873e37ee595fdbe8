#include "server/metrics/process_stats.h"

#include <unistd.h>

#include <chrono>
#include <string>

#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

TEST(ProcessStatsTest, ReadsTheFieldsOfTheManualPage) {
  const std::string line =
      "7 (a (b) c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9 0 400 1000000 33 18446744";
  const std::optional<ProcessStats> stats = ParseProcessStat(line, 1000.0);
  ASSERT_TRUE(stats.has_value());
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(stats->cpu_seconds, 300 / ticks);
  EXPECT_EQ(stats->threads, 9);
  EXPECT_DOUBLE_EQ(stats->start_time_seconds, 1000.0 + 400 / ticks);
  EXPECT_EQ(stats->virtual_bytes, 1000000);
  EXPECT_EQ(stats->resident_bytes, 33 * sysconf(_SC_PAGESIZE));
}

TEST(ProcessStatsTest, CountsTheDescriptorsThatAreOpen) {
  const Descriptors before = ReadDescriptors();
  EXPECT_GE(before.open, 1);
  EXPECT_GT(before.limit, before.open);
  const int descriptor = dup(0);
  ASSERT_GE(descriptor, 0);
  EXPECT_EQ(ReadDescriptors().open, before.open + 1);
  close(descriptor);
  EXPECT_EQ(ReadDescriptors().open, before.open);
}

TEST(ProcessStatsTest, RefusesAnotherForm) {
  EXPECT_FALSE(ParseProcessStat("", 0).has_value());
  EXPECT_FALSE(ParseProcessStat("7 (name) S 1 2 3", 0).has_value());
}

TEST(ProcessStatsTest, DescribesThisProcess) {
  const std::optional<ProcessStats> stats = ReadProcessStats();
  ASSERT_TRUE(stats.has_value());
  EXPECT_GT(stats->resident_bytes, 100'000);
  EXPECT_GE(stats->threads, 1);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(stats->start_time_seconds, now, 600);
}

}  // namespace
}  // namespace convoy::metrics
