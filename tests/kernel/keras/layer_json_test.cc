#include "kernel/keras/layer_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace convoy::keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LayerJsonTest, ALayerFileGivesConfigBuildShapeAndVersion) {
  const auto file = ParseLayer(R"({
      "module": "keras.layers", "class_name": "Conv1D", "registered_name": null,
      "config": {"filters": 2, "kernel_size": 5, "padding": "Causal", "activation": "relu"},
      "build_config": {"input_shape": [null, 10, 4]}, "keras_version": "3.15.0"})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.window.padding.mode, layer::PaddingMode::kCausal);
  EXPECT_EQ(file->config.activation.kind, layer::ActivationKind::kRelu);
  EXPECT_THAT(file->build_input_shape, ElementsAre(-1, 10, 4));
  EXPECT_EQ(file->keras_version, "3.15.0");
}

TEST(LayerJsonTest, FilesThatAreNotALayerAreRefused) {
  EXPECT_EQ(ParseLayer("{").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ParseLayer("[]").ok());
  EXPECT_FALSE(ParseLayer("{}").ok());
  EXPECT_THAT(std::string(ParseLayer(R"({"class_name": "Dense"})").status().message()),
              HasSubstr("'Dense'"));
  EXPECT_FALSE(ParseLayer(R"({"class_name": "Conv1D"})").ok());
  EXPECT_FALSE(ParseLayer(R"({"class_name": "Conv1D",
      "config": {"filters": 1, "kernel_size": 1}, "build_config": {"input_shape": [1, 2]}})")
                   .ok());
}

TEST(LayerJsonTest, ConfigsOfKeras2MeanWhatTheyMeant) {
  const auto file = ParseLayer(R"({"class_name": "Conv1D", "keras_version": "2.15.0",
      "config": {"name": "c", "trainable": true, "batch_input_shape": [null, 10, 4],
                 "dtype": "float32", "filters": 2, "kernel_size": [3], "groups": null,
                 "activation": "hard_sigmoid", "kernel_regularizer": "l1_l2"}})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.activation.kind, layer::ActivationKind::kHardSigmoidKeras2);
  EXPECT_EQ(file->config.groups, 1);
  EXPECT_THAT(file->build_input_shape, ElementsAre(-1, 10, 4));
}

TEST(LayerJsonTest, ConfigsOfTensorFlowJsAreRead) {
  const auto file = ParseLayer(R"({"class_name": "Conv1D",
      "keras_version": "tfjs-layers 4.22.0",
      "config": {"filters": 4, "kernel_initializer": {"class_name": "VarianceScaling", "config":
                 {"scale": 1, "mode": "fan_avg", "distribution": "normal", "seed": null}},
                 "kernel_regularizer": null, "kernel_constraint": null, "kernel_size": [3],
                 "strides": [1], "padding": "same", "dilation_rate": [1], "activation": "relu",
                 "use_bias": true, "bias_initializer": {"class_name": "Zeros", "config": {}},
                 "bias_regularizer": null, "activity_regularizer": null, "bias_constraint": null,
                 "name": "c1", "trainable": true, "batch_input_shape": [null, 10, 2],
                 "dtype": "float32"}})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.name, "c1");
}

TEST(LayerJsonTest, LayersOfOtherPeoplesCodeAreRefusedByName) {
  const auto file = ParseLayer(R"({"module": "my.code", "class_name": "Conv1D",
      "config": {"filters": 1, "kernel_size": 1}, "registered_name": "my>Conv1D"})");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("my>Conv1D"));
}

}  // namespace
}  // namespace convoy::keras
