#include "server/rpc/model_metadata.h"

#include <nlohmann/json.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/keras/layer_json.h"
#include "kernel/layer/regularizer.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using inference::ModelMetadataResponse;
using layer::DataFormat;
using layer::PaddingMode;
using testing::ElementsAre;
using testing::Pair;

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

TEST(ModelMetadataTest, PropertiesAreTheArgumentsOfTheLayer) {
  layer::Conv1DConfig config = TestConfig();
  config.filters = 4;
  config.groups = 2;
  config.window.kernel_size = 5;
  config.window.strides = 2;
  config.window.padding.mode = PaddingMode::kCausal;
  config.activation.kind = layer::ActivationKind::kRelu;
  const ModelMetadataResponse response = Describe(config);
  EXPECT_THAT(
      response.properties(),
      testing::IsSupersetOf(
          {Pair("version", "4"), Pair("filters", "4"), Pair("kernel_size", "5"),
           Pair("strides", "2"), Pair("padding", "causal"), Pair("data_format", "channels_last"),
           Pair("dilation_rate", "1"), Pair("groups", "2"), Pair("activation", "relu"),
           Pair("use_bias", "false"), Pair("input_channels", "2"), Pair("output_channels", "4"),
           Pair("count_params", "20"), Pair("losses", "{}")}));
  const auto file = keras::ParseLayer(response.properties().at("keras_config"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.filters, 4);
  EXPECT_EQ(file->config.groups, 2);
}

TEST(ModelMetadataTest, NamesTheDtypesInForce) {
  layer::Conv1DConfig config = TestConfig();
  config.dtype_policy = {layer::DType::kFloat32, layer::DType::kBfloat16};
  const ModelMetadataResponse mixed = Describe(config);
  EXPECT_EQ(mixed.inputs(0).datatype(), "BF16");
  EXPECT_EQ(mixed.outputs(0).datatype(), "BF16");
  EXPECT_EQ(mixed.properties().at("dtype"), "mixed_bfloat16");
  EXPECT_EQ(mixed.properties().at("variable_dtype"), "float32");
  EXPECT_EQ(mixed.properties().at("compute_dtype"), "bfloat16");
}

TEST(ModelMetadataTest, TellsTheLossesOfTheWeights) {
  layer::Conv1DConfig config = TestConfig();  // 3 * 2 * 3 ones
  config.kernel_regularizer = layer::Regularizer{.l2 = 0.01};
  const auto losses = nlohmann::json::parse(Describe(config).properties().at("losses"));
  EXPECT_NEAR(losses.at("kernel").get<double>(), 18 * 0.01, 1e-9);
}

TEST(ModelMetadataTest, EveryPaddingHasItsText) {
  layer::Conv1DConfig config = TestConfig();
  EXPECT_EQ(Describe(config).properties().at("padding"), "valid");
  config.window.padding.mode = PaddingMode::kSame;
  EXPECT_EQ(Describe(config).properties().at("padding"), "same");
  config.window.padding = {PaddingMode::kExplicit, 1, 2};
  EXPECT_EQ(Describe(config).properties().at("padding"), "[1, 2]");
}

TEST(ModelMetadataTest, TheIndexIsSortedByVersionNumberAndNamesEveryError) {
  registry::LiveLayer layer{.name = "conv"};
  layer.versions = {MakeLiveVersion("conv", 10, BuildLayer(TestConfig())),
                    MakeLiveVersion("conv", 9, BuildLayer(TestConfig()))};
  layer.errors = {absl::DataLossError("11: truncated"), absl::DataLossError("12: empty")};
  const registry::Snapshot snapshot({layer});
  inference::RepositoryIndexResponse response;
  FillRepositoryIndex(snapshot, true, false, response);
  ASSERT_EQ(response.models_size(), 4);
  EXPECT_EQ(response.models(0).reason(), "11: truncated");
  EXPECT_EQ(response.models(1).reason(), "12: empty");
  EXPECT_EQ(response.models(2).version(), "9");
  EXPECT_EQ(response.models(3).version(), "10");
}

}  // namespace
}  // namespace convoy::rpc
