#include "kernel/keras/keras_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace convoy::keras {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(KerasObjectTest, ObjectsOfEveryDistributionOfKerasAreRead) {
  for (const char* module : {"null", "\"keras.layers\"", "\"tf_keras.layers\"",
                             "\"tensorflow.keras.layers\"", "\"builtins\""}) {
    const auto object = ReadKerasObject(
        "x", json::parse(std::string(R"({"class_name": "A", "config": {"b": 1}, "module": )") +
                         module + "}"));
    ASSERT_TRUE(object.ok()) << object.status();
    EXPECT_EQ(object->class_name, "A");
    EXPECT_EQ(object->config["b"], 1);
  }
}

TEST(KerasObjectTest, NoConfigMeansNoArgumentsAndAnythingElseIsRefused) {
  for (const char* text : {R"({"class_name": "L2"})", R"({"class_name": "L2", "config": null})"}) {
    EXPECT_TRUE(ReadKerasObject("x", json::parse(text))->config.empty()) << text;
  }
  for (const char* config : {"\"a\"", "[]", "5", "false"}) {
    const auto object =
        ReadKerasObject("x", {{"class_name", "L2"}, {"config", json::parse(config)}});
    EXPECT_EQ(object.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(object.status().message()),
                HasSubstr("Expected 'config' to be a dict for L2, instead got <class '"))
        << config;
  }
}

TEST(KerasObjectTest, AModuleIsAName) {
  const auto object = ReadKerasObject("x", {{"class_name", "L2"}, {"module", 5}});
  EXPECT_EQ(object.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(KerasObjectTest, CodeAndCustomObjectsAreRefusedByName) {
  const auto refuse = [](const char* text) {
    const auto object = ReadKerasObject("activation", json::parse(text));
    EXPECT_EQ(object.status().code(), absl::StatusCode::kUnimplemented) << text;
    return std::string(object.status().message());
  };
  EXPECT_THAT(refuse(R"({"class_name": "__lambda__", "config": {"value": "4wEA"}})"),
              HasSubstr("lambda"));
  EXPECT_THAT(refuse(R"({"value": ["4wEA", null, null]})"), HasSubstr("lambda"));
  EXPECT_THAT(refuse(R"({"module": "my.code", "class_name": "Mine", "config": {}})"),
              HasSubstr("'Mine'"));
  EXPECT_THAT(refuse(R"({"module": "builtins", "class_name": "function", "config": "my>act",
                         "registered_name": "function"})"),
              HasSubstr("'my>act'"));
  EXPECT_THAT(refuse(R"({"module": null, "class_name": "Mine", "config": {},
                         "registered_name": "my>Mine"})"),
              HasSubstr("my>Mine"));
}

}  // namespace
}  // namespace convoy::keras
