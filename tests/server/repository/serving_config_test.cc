#include "server/repository/serving_config.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::repository {
namespace {

using ::testing::AllOf;
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

TEST(ServingConfigTest, ReadsWhichAlgorithmsMayRun) {
  EXPECT_FALSE(ParseServingConfig("{}")->direct);
  EXPECT_FALSE(ParseServingConfig(R"({"algorithm": "auto"})")->direct);
  EXPECT_TRUE(ParseServingConfig(R"({"algorithm": "direct"})")->direct);
  for (const std::string value : {"true", "\"Direct\"", "null", "1"}) {
    EXPECT_THAT(MessageOf(R"({"algorithm": )" + value + "}"),
                HasSubstr(R"(algorithm: expected "auto" or "direct", got )" + value));
  }
}

TEST(ServingConfigTest, WeightsAreMadeOnlyForThoseWhoAskForItWithASeed) {
  EXPECT_EQ(ParseServingConfig("{}")->initialize_seed, std::nullopt);
  EXPECT_EQ(ParseServingConfig(R"({"weights": {"initialize": {"seed": 7}}})")->initialize_seed, 7);
  EXPECT_EQ(ParseServingConfig(R"({"weights": {"initialize": {"seed": 0}}})")->initialize_seed, 0);
  for (const std::string value :
       {"true", "\"initialize\"", "{}", R"({"initialize":true})", R"({"initialize":{}})",
        R"({"initialise":{"seed":7}})", R"({"initialize":{"seed":7,"x":1}})"}) {
    EXPECT_THAT(MessageOf(R"({"weights": )" + value + "}"),
                HasSubstr(R"(weights: expected {"initialize": {"seed": N}}, got )" + value));
  }
  for (const std::string seed : {"-1", "1.5", "\"7\"", "null", "18446744073709551615"}) {
    EXPECT_THAT(MessageOf(R"({"weights": {"initialize": {"seed": )" + seed + "}}}"),
                HasSubstr("weights.initialize.seed: expected a whole number of at least 0"));
  }
}

TEST(ServingConfigTest, IsShownAsItIsWritten) {
  for (const std::string text :
       {R"({"live_versions":1,"constraints":"ignore","deterministic":false,"algorithm":"auto"})",
        R"({"live_versions":1,"constraints":"ignore","deterministic":false,"algorithm":"direct"})",
        R"({"live_versions":2,"constraints":"refuse","deterministic":true,"algorithm":"direct",)"
        R"("max_queue_delay_microseconds":5,"max_batch_requests":6,"max_batch_bytes":7,)"
        R"("weights":{"initialize":{"seed":8}}})"}) {
    EXPECT_EQ(ToJson(ParseServingConfig(text).value()).dump(), text);
  }
  EXPECT_EQ(ToJson(ParseServingConfig(R"({"constraints": "apply"})").value())["constraints"],
            "apply");
}

TEST(ServingConfigTest, RefusesAnUnknownKeyByName) {
  EXPECT_THAT(MessageOf(R"({"live_version": 1})"), HasSubstr(R"(unknown key "live_version")"));
}

TEST(ServingConfigTest, RefusesDeepNesting) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_THAT(MessageOf(deep), HasSubstr("levels"));
  EXPECT_THAT(MessageOf(R"({"live_versions": )" + deep + "}"), HasSubstr("levels"));
}

TEST(ServingConfigTest, ShowsOnlyTheBeginningOfALongValue) {
  const std::string message = MessageOf(R"({"constraints": ")" + std::string(50'000, 'x') + "\"}");
  EXPECT_LT(message.size(), 300u);
  EXPECT_LT(MessageOf("{\"" + std::string(50'000, 'x') + "\": 1}").size(), 400u);
}

TEST(ServingConfigTest, RefusesWhatIsNoJsonObject) {
  EXPECT_THAT(MessageOf(""), HasSubstr("not JSON"));
  EXPECT_THAT(MessageOf("{\"live_versions\": 1"), HasSubstr("not JSON"));
  EXPECT_THAT(MessageOf("[]"), HasSubstr("expected an object, got array"));
}

TEST(ServingConfigTest, RemembersWhatWasSetAndByWhat) {
  ServingConfig config =
      ParseServingConfig(R"({"live_versions": 1, "deterministic": false})").value();
  ASSERT_TRUE(ApplySection({{"deterministic", "true"}, {"max_batch_bytes", "9"}}, config).ok());
  EXPECT_TRUE(config.deterministic);
  EXPECT_FALSE(config.max_batch_bytes.has_value());  // the layer's own
  EXPECT_EQ(config.sources, (std::map<std::string, std::string>{{"live_versions", "serving.json"},
                                                                {"deterministic", "file"}}));
}

TEST(ServingConfigTest, ReadsWhatASectionSaysOfBatches) {
  const ServingSection section = {{"max_batch_bytes", "9"},
                                  {"max_queue_delay_microseconds", "250"},
                                  {"weights", R"({"initialize": {"seed": 7}})"},
                                  {"constraints", "apply"}};
  EXPECT_TRUE(CheckSections({{"conv", section}}).ok());
  EXPECT_EQ(BatchingOfSection(section),
            (std::map<std::string, int64_t>{{"max_batch_bytes", 9},
                                            {"max_queue_delay_microseconds", 250}}));
}

TEST(ServingConfigTest, RefusesWhatASectionMayNotSay) {
  for (const auto& [key, text] :
       std::multimap<std::string, std::string>{{"max_batch", "1"},
                                               {"max_batch_bytes", "0"},
                                               {"max_batch_bytes", "1.5"},
                                               {"max_batch_requests", "many"},
                                               {"live_versions", "[1]"},
                                               {"constraints", "1"},
                                               {"deterministic", "yes"},
                                               {"weights", "7"}}) {
    const absl::Status status = CheckSections({{"conv", {{key, text}}}});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << key << text;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("section \"layer.conv\": "), HasSubstr(key)));
  }
}

}  // namespace
}  // namespace convoy::repository
