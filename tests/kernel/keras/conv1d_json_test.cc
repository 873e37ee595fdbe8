#include "kernel/keras/conv1d_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace convoy::keras {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ConfigError(const std::string& config) {
  const auto parsed = ParseConv1DConfig(json::parse(config));
  EXPECT_FALSE(parsed.ok()) << config;
  return std::string(parsed.status().message());
}

TEST(Conv1DJsonTest, DefaultsAreKeras) {
  const auto config = ParseConv1DConfig(json::parse(R"({"filters": 8, "kernel_size": [3]})"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->name, "conv1d");
  EXPECT_TRUE(config->trainable);
  EXPECT_EQ(config->filters, 8);
  EXPECT_EQ(config->window.kernel_size, 3);
  EXPECT_EQ(config->window.strides, 1);
  EXPECT_EQ(config->window.dilation_rate, 1);
  EXPECT_EQ(config->window.padding.mode, layer::PaddingMode::kValid);
  EXPECT_EQ(config->data_format, layer::DataFormat::kChannelsLast);
  EXPECT_EQ(config->groups, 1);
  EXPECT_EQ(config->activation.kind, layer::ActivationKind::kLinear);
  EXPECT_TRUE(config->use_bias);
}

TEST(Conv1DJsonTest, MissingArgumentsComeFirst) {
  EXPECT_EQ(ConfigError("{}"),
            "Conv1D.__init__() missing 2 required positional arguments: 'filters' and "
            "'kernel_size'");
  EXPECT_EQ(ConfigError(R"({"filters": 0, "foo": 1})"),
            "Conv1D.__init__() missing 1 required positional argument: 'kernel_size'");
}

TEST(Conv1DJsonTest, ChecksRunInKerasOrder) {
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

TEST(Conv1DJsonTest, WhatKerasRefusesWhenBuildingIsRefusedToo) {
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

TEST(Conv1DJsonTest, AnAlphaOfAnySizeIsWrittenBack) {
  for (const double alpha : {1e300, -1e300, 9223372036854775808.0, 2.0, 0.5}) {
    const json given = {
        {"filters", 1}, {"kernel_size", 1}, {"lora_rank", 1}, {"lora_alpha", alpha}};
    const auto config = ParseConv1DConfig(given);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(ToJson(*config)["lora_alpha"].get<double>(), alpha);
  }
}

TEST(Conv1DJsonTest, AConfigReadBackIsTheSame) {
  const json given = json::parse(R"({"name": "c", "trainable": false, "filters": 6,
      "kernel_size": [3], "strides": [2], "padding": [1, 0], "data_format": "channels_first",
      "dilation_rate": [1], "groups": 2, "activation": "relu", "use_bias": false})");
  const auto config = ParseConv1DConfig(given);
  ASSERT_TRUE(config.ok()) << config.status();
  const auto written = ToJson(*config);
  for (const auto& [key, value] : given.items()) EXPECT_EQ(json(written[key]), value) << key;
  const auto again = ParseConv1DConfig(json(written));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToJson(*again), written);
}

}  // namespace
}  // namespace convoy::keras
