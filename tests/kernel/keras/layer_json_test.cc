#include "kernel/keras/layer_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
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

// As tf.keras 2.13 to 2.15 write the first layer of a Sequential into a .keras file.
std::string FirstLayer(const std::string& beside_config) {
  return R"({"module": "keras.layers", "class_name": "Conv1D", "config": {"name": "conv1d",
      "trainable": true, "batch_input_shape": [null, 120, 2], "dtype": "float32", "filters": 4,
      "kernel_size": [3], "strides": [1], "padding": "valid", "data_format": "channels_last",
      "dilation_rate": [1], "groups": 1, "activation": "hard_sigmoid", "use_bias": true,
      "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform",
      "config": {"seed": null}, "registered_name": null}, "bias_initializer": {"module":
      "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null},
      "kernel_regularizer": null, "bias_regularizer": null, "activity_regularizer": null,
      "kernel_constraint": null, "bias_constraint": null}, "registered_name": null,
      "build_config": {"input_shape": [null, 120, 2]})" +
         beside_config + "}";
}

TEST(LayerJsonTest, FirstLayersOfTfKeras2AreRead) {
  const auto file = ParseLayer(FirstLayer(R"(, "keras_version": "2.15.0")"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->build_input_shape, ElementsAre(-1, 120, 2));
  EXPECT_EQ(file->config.activation.kind, layer::ActivationKind::kHardSigmoidKeras2);
}

TEST(LayerJsonTest, WithoutTheVersionOfKeras2TheRefusalSaysWhatIsMissing) {
  for (const char* version : {"", R"(, "keras_version": "3.3.3")"}) {
    const auto file = ParseLayer(FirstLayer(version));
    EXPECT_THAT(std::string(file.status().message()),
                ::testing::AllOf(HasSubstr("Unrecognized keyword arguments passed to Conv1D: "
                                           "{'batch_input_shape': [None, 120, 2]}"),
                                 HasSubstr("\"keras_version\": \"2.15.0\"")));
  }
}

TEST(LayerJsonTest, OtherFormsOfTheInputShapeCountWhereKeras2WroteThem) {
  const std::string config = R"({"filters": 4, "kernel_size": 3, "input_shape": [null, 2]})";
  const auto keras2 = ParseLayer(R"({"module": "keras.layers", "class_name": "Conv1D",
      "keras_version": "2.9.0", "config": )" +
                                 config + "}");
  ASSERT_TRUE(keras2.ok()) << keras2.status();
  EXPECT_THAT(keras2->build_input_shape, ElementsAre(-1, -1, 2));
  // Keras 3 takes the argument, too, and does not write it.
  const auto keras3 = ParseLayer(R"({"module": "keras.layers", "class_name": "Conv1D",
      "keras_version": "3.0.0", "config": )" +
                                 config + "}");
  ASSERT_TRUE(keras3.ok()) << keras3.status();
  EXPECT_TRUE(keras3->build_input_shape.empty());
}

TEST(LayerJsonTest, ALayerOfKeras1IsRefusedAsWhatItIs) {
  for (const char* class_name : {"Conv1D", "Convolution1D", "AtrousConvolution1D"}) {
    const auto file = ParseLayer(std::string(R"({"class_name": ")") + class_name +
                                 R"(", "config": {"name": "convolution1d_1", "nb_filter": 64,
        "filter_length": 3, "border_mode": "same", "subsample_length": 1, "init": "uniform",
        "W_regularizer": null, "bias": true, "input_dim": 20, "input_length": null}})");
    EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(file.status().message()),
                HasSubstr("a layer of Keras 1 (`nb_filter`, `filter_length`, `border_mode`"));
  }
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

TEST(LayerJsonTest, DeepNestingIsRefusedWhereverItIs) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  for (const std::string& text :
       {deep, R"({"class_name": "Conv1D", "config": )" + deep + "}",
        R"({"class_name": )" + deep + "}",
        R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, "foo": )" + deep +
            "}}",
        R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1}, "build_config": )" +
            deep + "}"}) {
    const auto file = ParseLayer(text);
    EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(file.status().message()), HasSubstr("levels"));
  }
}

TEST(LayerJsonTest, ABuildShapeBeyond64BitsIsRefused) {
  const auto file = ParseLayer(R"({"class_name": "Conv1D",
      "config": {"filters": 1, "kernel_size": 1},
      "build_config": {"input_shape": [null, null, 18446744073709551615]}})");
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("build_config.input_shape"));
}

TEST(LayerJsonTest, ABuildConfigIsAnObject) {
  for (const char* build : {"5", "[null, 10, 4]", "\"a\"", "true"}) {
    const auto file = ParseLayer(std::string(R"({"class_name": "Conv1D",
        "config": {"filters": 1, "kernel_size": 1}, "build_config": )") +
                                 build + "}");
    EXPECT_THAT(std::string(file.status().message()),
                HasSubstr("build_config: expected an object"));
  }
}

TEST(LayerJsonTest, MessagesAreShortWhateverTheFileSays) {
  const std::string name(60'000, 'x');
  std::string umlauts;
  for (int i = 0; i < 20'000; ++i) umlauts += "\u00fc";
  const std::string texts[] = {
      R"({"class_name": ")" + name + "\"}",
      R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, ")" + name + "\": 1}}",
      R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, "padding": ")" +
          umlauts + "\"}}"};
  for (const std::string& text : texts) {
    const std::string message(ParseLayer(text).status().message());
    EXPECT_LT(message.size(), 1100u);
    EXPECT_GT(message.size(), 900u);
    // Not cut in the middle of a character.
    EXPECT_NO_THROW(nlohmann::json(message).dump());
  }
}

TEST(LayerJsonTest, LayersOfOtherPeoplesCodeAreRefusedByName) {
  const auto file = ParseLayer(R"({"module": "my.code", "class_name": "Conv1D",
      "config": {"filters": 1, "kernel_size": 1}, "registered_name": "my>Conv1D"})");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("my>Conv1D"));
}

}  // namespace
}  // namespace convoy::keras
