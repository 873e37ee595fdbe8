#include "kernel/layer/keras_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace convoy::layer {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ConfigError(const std::string& config) {
  const auto parsed = ParseConv1DConfig(json::parse(config));
  EXPECT_FALSE(parsed.ok()) << config;
  return std::string(parsed.status().message());
}

TEST(KerasJsonTest, DefaultsAreKeras) {
  const auto config = ParseConv1DConfig(json::parse(R"({"filters": 8, "kernel_size": [3]})"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->name, "conv1d");
  EXPECT_TRUE(config->trainable);
  EXPECT_EQ(config->filters, 8);
  EXPECT_EQ(config->window.kernel_size, 3);
  EXPECT_EQ(config->window.strides, 1);
  EXPECT_EQ(config->window.dilation_rate, 1);
  EXPECT_EQ(config->window.padding.mode, PaddingMode::kValid);
  EXPECT_EQ(config->data_format, DataFormat::kChannelsLast);
  EXPECT_EQ(config->groups, 1);
  EXPECT_EQ(config->activation.kind, ActivationKind::kLinear);
  EXPECT_TRUE(config->use_bias);
}

TEST(KerasJsonTest, ALayerFileGivesConfigBuildShapeAndVersion) {
  const auto file = ParseKerasLayer(R"({
      "module": "keras.layers", "class_name": "Conv1D", "registered_name": null,
      "config": {"filters": 2, "kernel_size": 5, "padding": "Causal", "activation": "relu"},
      "build_config": {"input_shape": [null, 10, 4]}, "keras_version": "3.15.0"})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.window.padding.mode, PaddingMode::kCausal);
  EXPECT_EQ(file->config.activation.kind, ActivationKind::kRelu);
  EXPECT_THAT(file->build_input_shape, ElementsAre(-1, 10, 4));
  EXPECT_EQ(file->keras_version, "3.15.0");
}

TEST(KerasJsonTest, FilesThatAreNotALayerAreRefused) {
  EXPECT_EQ(ParseKerasLayer("{").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ParseKerasLayer("[]").ok());
  EXPECT_FALSE(ParseKerasLayer("{}").ok());
  EXPECT_THAT(std::string(ParseKerasLayer(R"({"class_name": "Dense"})").status().message()),
              HasSubstr("'Dense'"));
  EXPECT_FALSE(ParseKerasLayer(R"({"class_name": "Conv1D"})").ok());
  EXPECT_FALSE(ParseKerasLayer(R"({"class_name": "Conv1D",
      "config": {"filters": 1, "kernel_size": 1}, "build_config": {"input_shape": [1, 2]}})")
                   .ok());
}

TEST(KerasJsonTest, MissingArgumentsComeFirst) {
  EXPECT_EQ(ConfigError("{}"),
            "Conv1D.__init__() missing 2 required positional arguments: 'filters' and "
            "'kernel_size'");
  EXPECT_EQ(ConfigError(R"({"filters": 0, "foo": 1})"),
            "Conv1D.__init__() missing 1 required positional argument: 'kernel_size'");
}

TEST(KerasJsonTest, ChecksRunInKerasOrder) {
  EXPECT_EQ(ConfigError(R"({"filters": 4, "kernel_size": 3, "foo": 1, "groups": 0})"),
            "Unrecognized keyword arguments passed to Conv1D: {'foo': 1}");
  EXPECT_THAT(ConfigError(R"({"filters": 0, "kernel_size": 0})"), StartsWith("The `kernel_size`"));
  EXPECT_THAT(ConfigError(R"({"filters": 4, "kernel_size": 3, "padding": "bad",
                              "data_format": "bad"})"),
              StartsWith("The `padding`"));
  EXPECT_THAT(ConfigError(R"({"filters": 0, "kernel_size": 3, "groups": 0})"),
              HasSubstr("filters=0"));
  EXPECT_THAT(ConfigError(R"({"filters": 4, "kernel_size": 3, "groups": 3, "strides": 2,
                              "dilation_rate": 2})"),
              HasSubstr("evenly divisible"));
  EXPECT_EQ(ConfigError(R"({"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2})"),
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
            "strides=(2,) and dilation_rate=(2,)");
  EXPECT_THAT(ConfigError(R"({"filters": 4.0, "kernel_size": 3, "activation": "nope"})"),
              HasSubstr("activation function identifier: nope"));
}

TEST(KerasJsonTest, WhatKerasRefusesWhenBuildingIsRefusedToo) {
  for (const char* config :
       {R"({"filters": 4.0, "kernel_size": 3})", R"({"filters": null, "kernel_size": 3})",
        R"({"filters": 4, "kernel_size": [3.0]})",
        R"({"filters": 4, "kernel_size": 3, "strides": [1.5]})",
        R"({"filters": 4, "kernel_size": 3, "groups": 2.0})",
        R"({"filters": 4, "kernel_size": 3, "padding": [1, 1, 1]})",
        R"({"filters": 4, "kernel_size": 3, "dilation_rate": 4611686018427387904})"}) {
    EXPECT_FALSE(ConfigError(config).empty());
  }
}

TEST(KerasJsonTest, AConfigReadBackIsTheSame) {
  const json given = json::parse(R"({"name": "c", "trainable": false, "filters": 6,
      "kernel_size": [3], "strides": [2], "padding": [1, 0], "data_format": "channels_first",
      "dilation_rate": [1], "groups": 2, "activation": "relu", "use_bias": false})");
  const auto config = ParseConv1DConfig(given);
  ASSERT_TRUE(config.ok()) << config.status();
  const auto written = ToKerasConfig(*config);
  for (const auto& [key, value] : given.items()) EXPECT_EQ(json(written[key]), value) << key;
  const auto again = ParseConv1DConfig(json(written));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToKerasConfig(*again), written);
}

TEST(KerasJsonTest, ConfigsOfKeras2MeanWhatTheyMeant) {
  const auto file = ParseKerasLayer(R"({"class_name": "Conv1D", "keras_version": "2.15.0",
      "config": {"name": "c", "trainable": true, "batch_input_shape": [null, 10, 4],
                 "dtype": "float32", "filters": 2, "kernel_size": [3], "groups": null,
                 "activation": "hard_sigmoid", "kernel_regularizer": "l1_l2"}})");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->config.activation.kind, ActivationKind::kHardSigmoidKeras2);
  EXPECT_EQ(file->config.groups, 1);
  EXPECT_THAT(file->build_input_shape, ElementsAre(-1, 10, 4));
}

TEST(KerasJsonTest, ConfigsOfTensorFlowJsAreRead) {
  const auto file = ParseKerasLayer(R"({"class_name": "Conv1D",
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

TEST(KerasJsonTest, LayersOfOtherPeoplesCodeAreRefusedByName) {
  const auto file = ParseKerasLayer(R"({"module": "my.code", "class_name": "Conv1D",
      "config": {"filters": 1, "kernel_size": 1}, "registered_name": "my>Conv1D"})");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("my>Conv1D"));
}

}  // namespace
}  // namespace convoy::layer
