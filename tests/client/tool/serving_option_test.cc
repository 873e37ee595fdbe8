#include "client/tool/serving_option.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;

TEST(ServingOptionTest, SetsEveryTypeOfValue) {
  convoy::v1::ServingOptions options;
  EXPECT_EQ(*TakeServingOption("live_versions=3", options), "live_versions");
  EXPECT_EQ(*TakeServingOption("deterministic=true", options), "deterministic");
  EXPECT_EQ(*TakeServingOption("constraints=apply", options), "constraints");
  EXPECT_EQ(options.live_versions(), 3);
  EXPECT_TRUE(options.deterministic());
  EXPECT_EQ(options.constraints(), "apply");
}

TEST(ServingOptionTest, LeavesOutWhatHasNoValue) {
  convoy::v1::ServingOptions options;
  EXPECT_EQ(*TakeServingOption("max_batch_bytes=", options), "max_batch_bytes");
  EXPECT_FALSE(options.has_max_batch_bytes());
}

TEST(ServingOptionTest, SaysWhatWasExpected) {
  convoy::v1::ServingOptions options;
  const auto refusal = [&](const std::string& text) {
    const absl::Status status = TakeServingOption(text, options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal("no_such=1"), HasSubstr("live_versions, constraints"));
  EXPECT_THAT(refusal("live_versions"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(refusal("live_versions=many"), HasSubstr("whole number"));
  EXPECT_THAT(refusal("deterministic=perhaps"), HasSubstr("true or false"));
}

}  // namespace
}  // namespace convoy::tool
