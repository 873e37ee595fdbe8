#include "server/repository/serving_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::repository {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(std::string_view text) {
  const absl::StatusOr<ServingConfig> config = ParseServingConfig(text);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(config.status().message());
}

TEST(ServingConfigTest, KeepsOneLiveVersionUnlessToldOtherwise) {
  const absl::StatusOr<ServingConfig> config = ParseServingConfig("{}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->live_versions, 1);
}

TEST(ServingConfigTest, ReadsLiveVersions) {
  const absl::StatusOr<ServingConfig> config = ParseServingConfig(R"({"live_versions": 3})");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->live_versions, 3);
}

TEST(ServingConfigTest, RefusesLiveVersionsThatAreNoPositiveWholeNumber) {
  for (const std::string value : {"0", "-1", "1.5", "\"2\"", "true", "null", "[1]",
                                  "9223372036854775808", "18446744073709551615"}) {
    EXPECT_THAT(MessageOf(R"({"live_versions": )" + value + "}"),
                HasSubstr("live_versions: expected a whole number of at least 1, got " + value));
  }
}

TEST(ServingConfigTest, ReadsHowBatchesAreFormed) {
  const absl::StatusOr<ServingConfig> config = ParseServingConfig(
      R"({"max_queue_delay_microseconds": 500, "max_batch_requests": 8, "max_batch_bytes": 4096})");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->max_queue_delay_microseconds, 500);
  EXPECT_EQ(config->max_batch_requests, 8);
  EXPECT_EQ(config->max_batch_bytes, 4096);
  EXPECT_EQ(ParseServingConfig("{}")->max_queue_delay_microseconds, std::nullopt);
  for (const std::string key :
       {"max_queue_delay_microseconds", "max_batch_requests", "max_batch_bytes"}) {
    EXPECT_THAT(MessageOf("{\"" + key + "\": 0}"),
                HasSubstr(key + ": expected a whole number of at least 1, got 0"));
  }
}

TEST(ServingConfigTest, WeightsAreServedAsGivenUnlessConstraintsAreToBeAppliedOrEnforced) {
  EXPECT_EQ(ParseServingConfig("{}")->constraints, Constraints::kIgnore);
  EXPECT_EQ(ParseServingConfig(R"({"constraints": "ignore"})")->constraints, Constraints::kIgnore);
  EXPECT_EQ(ParseServingConfig(R"({"constraints": "apply"})")->constraints, Constraints::kApply);
  EXPECT_EQ(ParseServingConfig(R"({"constraints": "refuse"})")->constraints, Constraints::kRefuse);
  for (const std::string value : {"true", "\"Apply\"", "null", "1"}) {
    EXPECT_THAT(MessageOf(R"({"constraints": )" + value + "}"),
                HasSubstr(R"(constraints: expected "ignore", "apply" or "refuse", got )" + value));
  }
}

TEST(ServingConfigTest, ReadsWhetherBitsMustNotDependOnTheBatch) {
  EXPECT_FALSE(ParseServingConfig("{}")->deterministic);
  EXPECT_TRUE(ParseServingConfig(R"({"deterministic": true})")->deterministic);
  EXPECT_FALSE(ParseServingConfig(R"({"deterministic": false})")->deterministic);
  EXPECT_THAT(MessageOf(R"({"deterministic": "yes"})"),
              HasSubstr(R"(deterministic: expected true or false, got "yes")"));
}

TEST(ServingConfigTest, RefusesAnUnknownKeyByName) {
  EXPECT_THAT(MessageOf(R"({"live_version": 1})"), HasSubstr(R"(unknown key "live_version")"));
}

TEST(ServingConfigTest, RefusesWhatIsNoJsonObject) {
  EXPECT_THAT(MessageOf(""), HasSubstr("not JSON"));
  EXPECT_THAT(MessageOf("{\"live_versions\": 1"), HasSubstr("not JSON"));
  EXPECT_THAT(MessageOf("[]"), HasSubstr("expected an object, got array"));
}

}  // namespace
}  // namespace convoy::repository
