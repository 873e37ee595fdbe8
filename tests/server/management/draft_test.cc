#include "server/management/draft.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::management {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kPlenty = int64_t{1} << 30;

Draft MakeDraft(const std::string& arguments = "", double value = 1.0) {
  Draft draft;
  draft.config =
      R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2, "use_bias": false)" +
      arguments + R"(}, "note": "stays"})";
  layer::Conv1DWeights weights;
  weights.kernel =
      layer::FromDoubles(layer::DType::kFloat32, {2, 4, 3}, std::vector<double>(24, value));
  draft.weights = ToFile(std::move(weights));
  return draft;
}

TEST(DraftTest, ChangesSingleOptionsOfHowALayerIsServed) {
  Draft draft = MakeDraft();
  ASSERT_TRUE(
      PatchServing({{"deterministic", true}, {"live_versions", int64_t{2}}}, false, draft).ok());
  EXPECT_EQ(draft.serving, R"({"deterministic":true,"live_versions":2})");
  ASSERT_TRUE(PatchServing({{"deterministic", std::nullopt}}, false, draft).ok());
  EXPECT_EQ(draft.serving, R"({"live_versions":2})");
  ASSERT_TRUE(PatchServing({{"constraints", std::string("apply")}}, true, draft).ok());
  EXPECT_EQ(draft.serving, R"({"constraints":"apply"})");
  ASSERT_TRUE(PatchServing({}, true, draft).ok());
  EXPECT_EQ(draft.serving, "");
}

TEST(DraftTest, TakesInitializersForWeightsAndNotForAnOption) {
  Draft draft = MakeDraft();
  draft.serving = R"({"weights": {"initialize": {"seed": 3}}, "live_versions": 2})";
  ASSERT_TRUE(PatchServing({}, true, draft).ok());
  EXPECT_EQ(draft.serving, R"({"weights":{"initialize":{"seed":3}}})");
  ASSERT_TRUE(ForgetInitializers(draft).ok());
  EXPECT_EQ(draft.serving, "");
}

TEST(DraftTest, EnablesLoraWithKerasDefaultsThatChangeNoAnswer) {
  Draft draft = MakeDraft();
  ASSERT_TRUE(EnableLora({.rank = 2, .alpha = 8.0}, kPlenty, draft).ok());
  const auto file = keras::ParseLayer(draft.config);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.lora_rank, 2);
  EXPECT_EQ(file->config.lora_alpha, 8.0);
  EXPECT_THAT(draft.config, HasSubstr(R"("note":"stays")"));
  const auto weights = ReadWeights(draft.weights, file->config);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(layer::ToDoubles(*weights->lora_kernel_b), std::vector<double>(6, 0.0));
  EXPECT_TRUE(Preview("x", 1, draft).ok());
}

TEST(DraftTest, EnablesLoraWithVariablesOrInitializersOfTheCaller) {
  Draft draft = MakeDraft();
  LoraEdit lora{.rank = 1};
  lora.a = layer::FromDoubles(layer::DType::kFloat32, {2, 4, 1}, std::vector<double>(8, 2.0));
  lora.b = layer::FromDoubles(layer::DType::kFloat32, {1, 3}, std::vector<double>(3, 0.5));
  ASSERT_TRUE(EnableLora(lora, kPlenty, draft).ok());
  const auto preview = Preview("x", 1, draft);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ((*preview)->layer->kernel()[0], 2.0F);  // 1 + 2 * 0.5

  Draft other = MakeDraft();
  ASSERT_TRUE(EnableLora({.rank = 1,
                          .a_initializer = "ones",
                          .b_initializer = R"({"class_name": "Constant", "config": {"value": 3}})"},
                         kPlenty, other)
                  .ok());
  EXPECT_EQ((*Preview("x", 1, other))->layer->kernel()[0], 4.0F);
}

TEST(DraftTest, RefusesLoraAsKerasDoes) {
  const auto code = [](const LoraEdit& lora, Draft draft) {
    return EnableLora(lora, kPlenty, draft).code();
  };
  using Code = absl::StatusCode;
  EXPECT_EQ(code({.rank = 0}, MakeDraft()), Code::kInvalidArgument);
  EXPECT_EQ(code({.rank = 1}, MakeDraft(R"(, "kernel_constraint": "NonNeg")")),
            Code::kFailedPrecondition);
  Draft twice = MakeDraft();
  ASSERT_TRUE(EnableLora({.rank = 1}, kPlenty, twice).ok());
  EXPECT_EQ(code({.rank = 1}, twice), Code::kFailedPrecondition);
  EXPECT_EQ(code({.rank = 1, .a_initializer = "no_such"}, MakeDraft()), Code::kInvalidArgument);
  EXPECT_EQ(code({.rank = 1, .b_initializer = "{"}, MakeDraft()), Code::kInvalidArgument);
  EXPECT_EQ(code({.rank = int64_t{1} << 40}, MakeDraft()), Code::kResourceExhausted);
  LoraEdit wrong{.rank = 2};
  wrong.a = layer::FromDoubles(layer::DType::kFloat32, {2, 4, 1}, std::vector<double>(8, 2.0));
  wrong.b = layer::FromDoubles(layer::DType::kFloat32, {2, 3}, std::vector<double>(6, 0.5));
  EXPECT_EQ(code(wrong, MakeDraft()), Code::kInvalidArgument);
}

TEST(DraftTest, ShowsWhatAVersionWouldBe) {
  Draft draft = MakeDraft();
  draft.serving = R"({"deterministic": true})";
  const auto preview = Preview("smooth", 4, draft);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ((*preview)->version, 4);
  EXPECT_EQ((*preview)->layer->input_channels(), 4);
  EXPECT_TRUE((*preview)->serving.deterministic);
  EXPECT_FALSE((*preview)->DescribeExecution().empty());
  EXPECT_THAT((*preview)->checksums.version, ::testing::SizeIs(64));
  draft.serving = R"({"no_such_option": 1})";
  EXPECT_TRUE(absl::IsInvalidArgument(Preview("smooth", 4, draft).status()));
}

TEST(DraftTest, WarnsOfWhatIsProbablyNotMeant) {
  const auto warnings = [](const Draft& draft,
                           repository::Constraints constraints = repository::Constraints::kIgnore) {
    return Warnings(draft, *(*Preview("x", 1, draft))->layer, {.constraints = constraints});
  };
  EXPECT_THAT(warnings(MakeDraft()), IsEmpty());
  EXPECT_THAT(warnings(MakeDraft("", std::numeric_limits<double>::quiet_NaN())),
              Contains(HasSubstr("kernel: 24 values are infinite or not a number")));
  EXPECT_THAT(warnings(MakeDraft(R"(, "dtype": "float16")")),
              Contains(HasSubstr("rounded to the layer's float16")));
  EXPECT_THAT(warnings(MakeDraft(R"(, "dtype": "float64")")),
              Contains(HasSubstr("without oneDNN")));
  const Draft broken = MakeDraft(R"(, "kernel_constraint": "NonNeg")", -1.0);
  EXPECT_THAT(warnings(broken), Contains(HasSubstr("served as they are")));
  EXPECT_THAT(warnings(broken, repository::Constraints::kApply), IsEmpty());
}

}  // namespace
}  // namespace convoy::management
