#include "server/rpc/model_metadata.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using inference::ModelMetadataResponse;
using layer::DataFormat;
using testing::ElementsAre;

ModelMetadataResponse Describe(const layer::Conv1DConfig& config) {
  ModelMetadataResponse response;
  FillModelMetadata(*MakeLiveVersion("conv", 4, BuildLayer(config)), response);
  return response;
}

TEST(ModelMetadataTest, FreeDimensionsAreMinusOneAndChannelsStandByDataFormat) {
  layer::Conv1DConfig config = TestConfig();
  ModelMetadataResponse last = Describe(config);
  ASSERT_EQ(last.inputs_size(), 1);
  ASSERT_EQ(last.outputs_size(), 1);
  EXPECT_EQ(last.inputs(0).name(), "input");
  EXPECT_EQ(last.inputs(0).datatype(), "FP32");
  EXPECT_EQ(last.outputs(0).name(), "output");
  EXPECT_EQ(last.outputs(0).datatype(), "FP32");
  EXPECT_THAT(last.inputs(0).shape(), ElementsAre(-1, -1, 2));
  EXPECT_THAT(last.outputs(0).shape(), ElementsAre(-1, -1, 3));
  config.data_format = DataFormat::kChannelsFirst;
  ModelMetadataResponse first = Describe(config);
  EXPECT_THAT(first.inputs(0).shape(), ElementsAre(-1, 2, -1));
  EXPECT_THAT(first.outputs(0).shape(), ElementsAre(-1, 3, -1));
}

TEST(ModelMetadataTest, LeavesTheFieldEmptyThatClientsReadAsDifferentTypes) {
  inference::ModelMetadataResponse response = Describe(TestConfig());
  EXPECT_EQ(response.GetDescriptor()->FindFieldByNumber(6), nullptr);
  EXPECT_TRUE(response.GetReflection()->GetUnknownFields(response).empty());
}

TEST(ModelMetadataTest, TheConfigurationLeavesOutTheNumberOfSequences) {
  layer::Conv1DConfig layer = TestConfig();
  layer.dtype_policy = {layer::DType::kFloat32, layer::DType::kBfloat16};
  layer.data_format = DataFormat::kChannelsFirst;
  inference::ModelConfig config;
  FillModelConfig(*MakeLiveVersion("conv", 4, BuildLayer(layer)), config);
  EXPECT_EQ(config.name(), "conv");
  EXPECT_GT(config.max_batch_size(), 1000);
  ASSERT_EQ(config.input_size(), 1);
  EXPECT_EQ(config.input(0).name(), "input");
  EXPECT_EQ(config.input(0).data_type(), inference::TYPE_BF16);
  EXPECT_THAT(config.input(0).dims(), ElementsAre(2, -1));
  ASSERT_EQ(config.output_size(), 1);
  EXPECT_EQ(config.output(0).name(), "output");
  EXPECT_EQ(config.output(0).data_type(), inference::TYPE_BF16);
  EXPECT_THAT(config.output(0).dims(), ElementsAre(3, -1));
}

TEST(ModelMetadataTest, TheConfigurationNamesEveryComputeDtypeAsTritonDoes) {
  const std::pair<layer::DType, inference::DataType> types[] = {
      {layer::DType::kFloat16, inference::TYPE_FP16},
      {layer::DType::kBfloat16, inference::TYPE_BF16},
      {layer::DType::kFloat32, inference::TYPE_FP32},
      {layer::DType::kFloat64, inference::TYPE_FP64}};
  for (const auto& [dtype, type] : types) {
    layer::Conv1DConfig layer = TestConfig();
    layer.dtype_policy = {layer::DType::kFloat32, dtype};
    inference::ModelConfig config;
    FillModelConfig(*MakeLiveVersion("conv", 4, BuildLayer(layer)), config);
    EXPECT_EQ(config.input(0).data_type(), type) << inference::DataType_Name(type);
  }
}

TEST(ModelMetadataTest, NamesTheDtypesInForce) {
  layer::Conv1DConfig config = TestConfig();
  config.dtype_policy = {layer::DType::kFloat32, layer::DType::kBfloat16};
  const ModelMetadataResponse mixed = Describe(config);
  EXPECT_EQ(mixed.inputs(0).datatype(), "BF16");
  EXPECT_EQ(mixed.outputs(0).datatype(), "BF16");
}

TEST(ModelMetadataTest, TheIndexIsSortedByVersionNumberAndNamesEveryError) {
  registry::LiveLayer layer{.name = "conv"};
  layer.versions = {MakeLiveVersion("conv", 10, BuildLayer(TestConfig())),
                    MakeLiveVersion("conv", 9, BuildLayer(TestConfig()))};
  layer.errors = {absl::DataLossError("11: truncated"), absl::DataLossError("12: empty")};
  const registry::Snapshot snapshot({layer});
  inference::RepositoryIndexResponse response;
  FillRepositoryIndex(snapshot, /*draining=*/false, /*ready_only=*/false, response);
  ASSERT_EQ(response.models_size(), 4);
  EXPECT_EQ(response.models(0).reason(), "11: truncated");
  EXPECT_EQ(response.models(1).reason(), "12: empty");
  EXPECT_EQ(response.models(2).version(), "9");
  EXPECT_EQ(response.models(3).version(), "10");
}

TEST(ModelMetadataTest, TheIndexSaysWhatWasUnloadedAndWhatWasGiven) {
  registry::LiveLayer given{.name = "b", .given = true};
  given.versions = {MakeLiveVersion("b", 1, BuildLayer(TestConfig()))};
  registry::LiveLayer plain{.name = "c"};
  plain.versions = {MakeLiveVersion("c", 1, BuildLayer(TestConfig()))};
  const registry::Snapshot snapshot({given, plain}, /*complete=*/true, {"a", "bb", "d"});
  const auto index = [&](bool draining, bool ready_only) {
    inference::RepositoryIndexResponse response;
    FillRepositoryIndex(snapshot, draining, ready_only, response);
    std::vector<std::string> lines;
    for (const auto& model : response.models()) {
      lines.push_back(absl::StrCat(model.name(), "/", model.version(), " ", model.state(), " ",
                                   model.reason()));
    }
    return lines;
  };
  EXPECT_THAT(index(false, false),
              ElementsAre("a/ UNAVAILABLE unloaded",
                          "b/1 READY loaded from a request; its folder is not looked at",
                          "bb/ UNAVAILABLE unloaded", "c/1 READY ", "d/ UNAVAILABLE unloaded"));
  EXPECT_THAT(
      index(false, true),
      ElementsAre("b/1 READY loaded from a request; its folder is not looked at", "c/1 READY "));
  EXPECT_THAT(index(true, true), ElementsAre());
}

}  // namespace
}  // namespace convoy::rpc
