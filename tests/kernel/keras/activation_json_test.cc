#include "kernel/keras/activation_json.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

layer::Activation Parse(const char* text, int keras_major = 3) {
  const auto parsed = ParseActivation(json::parse(text), keras_major);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->activation : layer::Activation{};
}

TEST(ActivationJsonTest, HardSigmoidDependsOnWhoWroteIt) {
  EXPECT_EQ(Parse("\"hard_sigmoid\"", 3).kind, layer::ActivationKind::kHardSigmoid);
  EXPECT_EQ(Parse("\"hard_sigmoid\"", 2).kind, layer::ActivationKind::kHardSigmoidKeras2);
  EXPECT_EQ(layer::ActivationName(Parse("\"hard_sigmoid\"", 2)), "hard_sigmoid");
}

TEST(ActivationJsonTest, LayersGiveTheirParameters) {
  EXPECT_EQ(Parse(R"({"class_name": "ReLU", "config": {}})").kind, layer::ActivationKind::kRelu);
  EXPECT_EQ(Parse(R"({"class_name": "ReLU", "config": {"max_value": 2}})").max_value, 2.0);
  EXPECT_EQ(Parse(R"({"class_name": "LeakyReLU", "config": {}})").negative_slope, 0.3);
  EXPECT_EQ(Parse(R"({"class_name": "LeakyReLU", "config": {"alpha": 0.1}})").negative_slope, 0.1);
  EXPECT_EQ(Parse(R"({"class_name": "ELU", "config": {"alpha": 0.5}})").alpha, 0.5);
  EXPECT_EQ(Parse(R"({"class_name": "Softmax", "config": {"axis": [1, -1]}})").axes, 6);
  EXPECT_EQ(Parse(R"({"class_name": "PReLU", "config": {"shared_axes": [1]}})").axes, 2);
  EXPECT_EQ(Parse(R"({"class_name": "Activation", "config": {"activation": "swish"}})").kind,
            layer::ActivationKind::kSilu);
}

TEST(ActivationJsonTest, AFunctionObjectHasNoAlias) {
  for (const char* name : {"silu", "swish"}) {
    const json function = {{"module", "builtins"}, {"class_name", "function"}, {"config", name}};
    EXPECT_EQ(ParseActivation(function, 3).ok(), std::string(name) == "silu") << name;
    EXPECT_TRUE(ParseActivation(function, 2).ok()) << name;
  }
}

TEST(ActivationJsonTest, LayersInsideEachOtherHaveOneDtype) {
  for (const char* dtype : {"float32", "float16"}) {
    const auto config = json::parse(absl::StrCat(
        R"({"class_name": "Activation", "config": {"dtype": ")", dtype,
        R"(", "activation": {"class_name": "LeakyReLU", "config": {"dtype": "float16"}}}})"));
    EXPECT_EQ(ParseActivation(config, 3).ok(), std::string(dtype) == "float16");
  }
}

TEST(ActivationJsonTest, SharedAxesAreCountedFromOne) {
  for (const char* axes : {"[0]", "[-1]", "[1, 3]"}) {
    const auto config = json::parse(
        absl::StrCat(R"({"class_name": "PReLU", "config": {"shared_axes": )", axes, "}}"));
    EXPECT_FALSE(ParseActivation(config, 3).ok()) << axes;
  }
}

TEST(ActivationJsonTest, OtherLayersAndCodeAreRefused) {
  for (const char* text :
       {R"({"class_name": "Dense", "config": {"units": 2}})", R"({"value": ["4wEA", null, null]})",
        R"({"module": "my", "class_name": "X", "config": {}})"}) {
    EXPECT_EQ(ParseActivation(json::parse(text), 3).status().code(),
              absl::StatusCode::kUnimplemented)
        << text;
  }
  EXPECT_FALSE(
      ParseActivation(json::parse(R"({"class_name": "Softmax", "config": {"axis": 7}})"), 3).ok());
  EXPECT_FALSE(
      ParseActivation(json::parse(R"({"class_name": "ReLU", "config": {"foo": 1}})"), 3).ok());
}

}  // namespace
}  // namespace convoy::keras
