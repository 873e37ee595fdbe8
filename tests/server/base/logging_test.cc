#include "server/base/logging.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;

// What `message` looks like in the log.
std::string Line(LogFormat format, const std::string& message,
                 spdlog::level::level_enum level = spdlog::level::info) {
  std::ostringstream stream;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_st>(stream));
  logger.set_formatter(MakeLogFormatter(format));
  logger.log(level, message);
  return stream.str();
}

TEST(LoggingTest, WritesTimeLevelAndMessageAsText) {
  EXPECT_THAT(Line(LogFormat::kText, "convoy ready grpc=a:1"),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z info convoy ready "
                           "grpc=a:1\n"));
}

TEST(LoggingTest, NamesTheLevelsAsTheOptionDoes) {
  EXPECT_THAT(Line(LogFormat::kText, "x", spdlog::level::warn), EndsWith("Z warn x\n"));
  EXPECT_THAT(Line(LogFormat::kText, "x", spdlog::level::err), EndsWith("Z error x\n"));
  const auto line = nlohmann::json::parse(Line(LogFormat::kJson, "x", spdlog::level::warn));
  EXPECT_EQ(line.at("level"), "warn");
}

TEST(LoggingTest, KeepsAMessageOnOneLine) {
  EXPECT_THAT(Line(LogFormat::kText, "a\nb\rc"), EndsWith(" info a\\nb\\rc\n"));
}

TEST(LoggingTest, WritesAnObjectALineAsJson) {
  const nlohmann::json line = nlohmann::json::parse(Line(LogFormat::kJson, "say \"a\"\n\xFF"));
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("message"), "say \"a\"\n\xEF\xBF\xBD");
  EXPECT_THAT(std::string(line.at("time")), EndsWith("Z"));
}

TEST(LoggingTest, KeepsTheFormatInACloneOfTheFormatter) {
  const auto formatter = MakeLogFormatter(LogFormat::kJson)->clone();
  spdlog::memory_buf_t line;
  formatter->format(spdlog::details::log_msg("test", spdlog::level::warn, "x"), line);
  EXPECT_EQ(nlohmann::json::parse(line.begin(), line.end()).at("message"), "x");
}

TEST(LoggingTest, LogsFromTheGivenLevelOn) {
  const auto before = spdlog::default_logger();
  SetUpLogging({.level = "warn", .format = "text"});
  EXPECT_FALSE(spdlog::should_log(spdlog::level::info));
  EXPECT_TRUE(spdlog::should_log(spdlog::level::warn));
  SetUpLogging({.level = "off", .format = "text"});
  EXPECT_FALSE(spdlog::should_log(spdlog::level::critical));
  SetUpLogging({.level = "error", .format = "json"});
  EXPECT_FALSE(spdlog::should_log(spdlog::level::warn));
  EXPECT_TRUE(spdlog::should_log(spdlog::level::err));
  spdlog::set_default_logger(before);
}

TEST(LoggingTest, QuotesValuesWithBlanks) { EXPECT_EQ(Quoted("a \"b\"\n"), R"("a \"b\"\n")"); }

TEST(LoggingTest, LogsOtherwiseFromNowOn) {
  const std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::ostringstream stream;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "changing", std::make_shared<spdlog::sinks::ostream_sink_mt>(stream)));
  ChangeLogging({.level = "warn", .format = "json"});
  spdlog::info("not shown");
  spdlog::warn("shown");
  EXPECT_EQ(nlohmann::json::parse(stream.str()).at("message"), "shown");
  stream.str("");
  ChangeLogging({.level = "trace", .format = "text"});
  spdlog::trace("now");
  EXPECT_THAT(stream.str(), EndsWith("Z trace now\n"));
  spdlog::set_default_logger(before);
}

TEST(LoggingTest, OrdersLevelsByHowMuchTheyLeaveOut) {
  const std::vector<std::string> levels = {"trace", "debug", "info", "warn", "error", "off"};
  for (size_t i = 1; i < levels.size(); ++i) {
    EXPECT_LT(LogLevel({.level = levels[i - 1]}), LogLevel({.level = levels[i]}));
  }
}

}  // namespace
}  // namespace convoy
