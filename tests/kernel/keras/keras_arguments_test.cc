#include "kernel/keras/keras_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace convoy::keras {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(KerasArgumentsTest, ArgumentsLeftOverAreRefused) {
  KerasArguments arguments({.class_name = "L1", .config = json::parse(R"({"l1": 1, "foo": 2})")});
  EXPECT_EQ(arguments.TakeNumber("l1", 0.0), 1.0);
  EXPECT_EQ(arguments.Finish().message(), "L1.__init__() got an unexpected keyword argument 'foo'");
  arguments.Ignore("foo");
  EXPECT_TRUE(arguments.Finish().ok());
}

TEST(KerasArgumentsTest, TheFirstWrongArgumentIsNamed) {
  KerasArguments arguments({.class_name = "A", .config = json::parse(R"({"x": "a", "y": []})")});
  arguments.TakeNumber("x", 0.0);
  arguments.TakeString("y", "");
  EXPECT_THAT(std::string(arguments.Finish().message()), HasSubstr("x=a"));
}

TEST(KerasArgumentsTest, IntegersBeyond64BitsAreRefused) {
  KerasArguments arguments(
      {.class_name = "A", .config = json::parse(R"({"axes": [1, 18446744073709551615]})")});
  arguments.TakeIntegers("axes", {});
  EXPECT_THAT(std::string(arguments.Finish().message()), HasSubstr("axes"));
}

TEST(KerasArgumentsTest, TakenArgumentsAreTheConfigWithDefaults) {
  KerasArguments arguments({.class_name = "A", .config = json::parse(R"({"b": 7})")});
  arguments.Take("seed", nullptr);
  arguments.Take("b", 1);
  EXPECT_EQ(arguments.Taken().dump(), R"({"seed":null,"b":7})");
}

}  // namespace
}  // namespace convoy::keras
