#include "kernel/base/bounded_json.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace convoy {
namespace {

using namespace std::string_literals;

std::string Error(const std::string& text, const JsonBounds& bounds = {}) {
  const auto parsed = ParseBoundedJson(text, bounds);
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

std::string Nested(int depth, const std::string& open, const std::string& close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += "1";
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(BoundedJsonTest, WithinTheBoundsAValueIsWhatItsTextSays) {
  const auto parsed = ParseBoundedJson(R"({"a": [1, -2, 3.5, "b", null, true]})");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->dump(), R"({"a":[1,-2,3.5,"b",null,true]})");
}

TEST(BoundedJsonTest, WhatIsNotJsonIsRefusedWithTheByte) {
  EXPECT_EQ(Error(""), "not JSON at byte 1");
  EXPECT_EQ(Error("[1, }"), "not JSON at byte 5");
  EXPECT_EQ(Error("1e999"), "not JSON at byte 5");
  EXPECT_EQ(Error("[1] [2]"), "not JSON at byte 5");
  EXPECT_EQ(Error("{\"a\": 1}\0, nothing more"s), "not JSON at byte 8");
  EXPECT_EQ(Error("\"\xFF\""), "not JSON at byte 2");
}

TEST(BoundedJsonTest, DepthIsBoundedWhateverOpensIt) {
  const JsonBounds bounds = {.depth = 3};
  for (const auto& [open, close] : {std::pair<std::string, std::string>{"[", "]"},
                                    std::pair<std::string, std::string>{"{\"a\":", "}"}}) {
    EXPECT_TRUE(ParseBoundedJson(Nested(3, open, close), bounds).ok());
    EXPECT_EQ(Error(Nested(4, open, close), bounds), "JSON: expected at most 3 levels");
    EXPECT_EQ(Error(Nested(200'000, open, close)), "JSON: expected at most 64 levels");
  }
  EXPECT_TRUE(ParseBoundedJson("[[[1], [2]], [[3]]]", bounds).ok());
}

TEST(BoundedJsonTest, ValuesAndKeysAreCounted) {
  const JsonBounds bounds = {.values = 4};
  EXPECT_TRUE(ParseBoundedJson("[1, 2, 3]", bounds).ok());
  EXPECT_EQ(Error("[1, 2, 3, 4]", bounds), "JSON: expected at most 4 values");
  EXPECT_EQ(Error(R"({"a": 1, "b": 2})", bounds), "JSON: expected at most 4 values");
}

TEST(BoundedJsonTest, StringsAndKeysHaveALongest) {
  const JsonBounds bounds = {.string_bytes = 3};
  EXPECT_TRUE(ParseBoundedJson(R"({"abc": "abc"})", bounds).ok());
  EXPECT_EQ(Error(R"("abcd")", bounds), "JSON: expected at most 3 bytes in a string");
  EXPECT_EQ(Error(R"({"abcd": 1})", bounds), "JSON: expected at most 3 bytes in a string");
}

}  // namespace
}  // namespace convoy
