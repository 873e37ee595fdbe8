#include "server/base/recent_warnings.h"

#include <spdlog/logger.h>
#include <spdlog/spdlog.h>

#include <string>

#include "gtest/gtest.h"
#include "server/base/logging.h"

namespace convoy {
namespace {

class RecentWarningsTest : public ::testing::Test {
 protected:
  std::shared_ptr<RecentWarnings> warnings_ = std::make_shared<RecentWarnings>();
  spdlog::logger logger_{"test", warnings_};
};

TEST_F(RecentWarningsTest, KeepsWarningsAndErrorsOnlyNewestFirst) {
  logger_.info("one");
  logger_.warn("two");
  logger_.error("three");
  const auto latest = warnings_->Latest();
  ASSERT_EQ(latest.size(), 2u);
  EXPECT_EQ(latest[0].message, "three");
  EXPECT_EQ(latest[0].level, "error");
  EXPECT_EQ(latest[1].message, "two");
  EXPECT_EQ(latest[1].level, "warn");
  EXPECT_LE(latest[1].time, latest[0].time);
}

TEST_F(RecentWarningsTest, CountsARepeatAndMovesItToTheFront) {
  logger_.warn("one");
  logger_.warn("two");
  logger_.warn("one");
  logger_.error("two");  // another level
  const auto latest = warnings_->Latest();
  ASSERT_EQ(latest.size(), 3u);
  EXPECT_EQ(latest[0].level, "error");
  EXPECT_EQ(latest[1].message, "one");
  EXPECT_EQ(latest[1].count, 2);
  EXPECT_EQ(latest[2].count, 1);
}

TEST_F(RecentWarningsTest, ForgetsTheOldest) {
  for (size_t i = 0; i <= RecentWarnings::kMaxWarnings; ++i) logger_.warn(std::to_string(i));
  const auto latest = warnings_->Latest();
  EXPECT_EQ(latest.size(), RecentWarnings::kMaxWarnings);
  EXPECT_EQ(latest.back().message, "1");
}

TEST_F(RecentWarningsTest, LetsNoKindPushTheOthersOut) {
  logger_.error("cannot load layer=\"a\"");
  for (int i = 0; i < 1000; ++i) logger_.warn("slow call layer=\"a\" total_us={}", i);
  const auto latest = warnings_->Latest();
  ASSERT_EQ(latest.size(), RecentWarnings::kMaxOfKind + 1u);
  EXPECT_EQ(latest.front().message, "slow call layer=\"a\" total_us=999");
  EXPECT_EQ(latest[RecentWarnings::kMaxOfKind - 1].message, "slow call layer=\"a\" total_us=990");
  EXPECT_EQ(latest.back().level, "error");
}

TEST_F(RecentWarningsTest, CutsALongMessageBetweenTwoCharacters) {
  const std::string before(RecentWarnings::kMaxMessageBytes - 1, 'x');
  logger_.warn(before + "y");
  logger_.warn(before + "\u00e9 and more");
  const auto latest = warnings_->Latest();
  EXPECT_EQ(latest[0].message, before);
  EXPECT_EQ(latest[1].message, before + "y");
}

TEST_F(RecentWarningsTest, IsWhereTheLogOfTheProcessGoes) {
  SetUpLogging({.level = "warn", .format = "json"});
  spdlog::warn("seen in recent_warnings_test");
  EXPECT_EQ(RecentWarnings::OfThisProcess()->Latest().at(0).message,
            "seen in recent_warnings_test");
}

}  // namespace
}  // namespace convoy
