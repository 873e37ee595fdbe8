#include "server/management/weights_source.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::management {
namespace {

using ::testing::HasSubstr;
using Shape = std::vector<int64_t>;

constexpr int64_t kPlenty = int64_t{1} << 30;

keras::LayerFile Layer(const std::string& arguments, const std::string& more = "") {
  const std::string text = R"({"class_name": "Conv1D", "config": {"filters": 4, "kernel_size": 3)" +
                           arguments + "}" + more + "}";
  absl::StatusOr<keras::LayerFile> file = keras::ParseLayer(text);
  EXPECT_TRUE(file.ok()) << file.status();
  return *file;
}

constexpr char kBuilt[] = R"(, "build_config": {"input_shape": [null, 7, 2]})";

TEST(WeightsSourceTest, InitializesTheSameWeightsForASeed) {
  const keras::LayerFile layer = Layer("", kBuilt);
  const FileBytes first = *Initialize({.seed = 5}, layer, 0, kPlenty);
  EXPECT_EQ(*first, **Initialize({.seed = 5}, layer, 0, kPlenty));
  EXPECT_NE(*first, **Initialize({.seed = 6}, layer, 0, kPlenty));
  const auto weights = ReadWeights(first, layer.config);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->kernel.shape, (Shape{3, 2, 4}));
  EXPECT_EQ(weights->bias->shape, (Shape{4}));
}

TEST(WeightsSourceTest, TakesTheChannelsThatAreNamedThenTheConfigsThenTheLayers) {
  const auto channels = [](const InitializedWeights& wanted, const keras::LayerFile& layer,
                           int64_t known) {
    return ReadWeights(*Initialize(wanted, layer, known, kPlenty), layer.config)->kernel.shape[1];
  };
  EXPECT_EQ(channels({.input_channels = 5}, Layer("", kBuilt), 9), 5);
  EXPECT_EQ(channels({}, Layer("", kBuilt), 9), 2);
  EXPECT_EQ(channels({}, Layer(""), 9), 9);
  const absl::Status none = Initialize({}, Layer(""), 0, kPlenty).status();
  EXPECT_TRUE(absl::IsInvalidArgument(none));
  EXPECT_THAT(std::string(none.message()), HasSubstr("input_channels"));
  EXPECT_TRUE(
      absl::IsInvalidArgument(Initialize({.seed = -1}, Layer("", kBuilt), 0, kPlenty).status()));
}

constexpr char kPrelu[] =
    R"(, "activation": {"class_name": "PReLU", "config": {"shared_axes": [1], "alpha_initializer": "ones"}})";
constexpr char kPreluOfFrames[] = R"(, "activation": {"class_name": "PReLU", "config": {}})";

TEST(WeightsSourceTest, InitializesTheSlopesOfAPRelu) {
  const keras::LayerFile shared = Layer(kPrelu, kBuilt);
  const auto weights = ReadWeights(*Initialize({}, shared, 0, kPlenty), shared.config);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->activation_alpha->shape, (Shape{1, 4}));
  EXPECT_EQ(layer::ToDoubles(*weights->activation_alpha), (std::vector<double>{1, 1, 1, 1}));
  const keras::LayerFile frames = Layer(kPreluOfFrames, kBuilt);
  EXPECT_EQ(
      ReadWeights(*Initialize({}, frames, 0, kPlenty), frames.config)->activation_alpha->shape,
      (Shape{5, 4}));
  EXPECT_TRUE(absl::IsInvalidArgument(Initialize({}, Layer(kPreluOfFrames), 2, kPlenty).status()));
}

TEST(WeightsSourceTest, MakesNothingLargerThanItMay) {
  // 24 doubles of a kernel.
  EXPECT_TRUE(Initialize({}, Layer("", kBuilt), 0, 24 * 8).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Initialize({}, Layer("", kBuilt), 0, 24 * 8 - 1).status()));
  EXPECT_TRUE(
      absl::IsResourceExhausted(CheckMaking("a", {int64_t{1} << 40, int64_t{1} << 40}, kPlenty)));
}

TEST(WeightsSourceTest, ProjectsOrRefusesWeightsThatBreakAConstraint) {
  const keras::LayerFile layer = Layer(R"(, "kernel_constraint": "NonNeg", "use_bias": false)");
  layer::Conv1DWeights weights;
  weights.kernel =
      layer::FromDoubles(layer::DType::kFloat32, {3, 1, 4}, std::vector<double>(12, -1));
  const FileBytes file = ToFile(std::move(weights));
  EXPECT_EQ(*Constrain(file, layer, repository::Constraints::kIgnore), file);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Constrain(file, layer, repository::Constraints::kRefuse).status()));
  const auto projected = Constrain(file, layer, repository::Constraints::kApply);
  ASSERT_TRUE(projected.ok()) << projected.status();
  EXPECT_EQ(layer::ToDoubles(ReadWeights(*projected, layer.config)->kernel),
            std::vector<double>(12, 0));
  EXPECT_TRUE(Constrain(*projected, layer, repository::Constraints::kRefuse).ok());
}

TEST(WeightsSourceTest, SaysWhatIsWrongWithAFile) {
  const auto bytes = std::make_shared<const std::string>("no file of this kind");
  const absl::Status status = ReadWeights(bytes, Layer("").config).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), ::testing::StartsWith("weights: "));
}

}  // namespace
}  // namespace convoy::management
