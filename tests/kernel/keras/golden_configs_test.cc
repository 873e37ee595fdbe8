// Configs against Keras: what is refused in which words, what comes back.
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "kernel/keras/conv1d_json.h"
#include "kernel/layer/conv1d.h"
#include "tests/kernel/keras/golden_file.h"

namespace convoy::keras {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// The text without what need not be imitated: the order of sets.
std::string Comparable(std::string text) {
  const size_t open = text.find("one of {"), close = text.find('}', open);
  if (open != std::string::npos && close != std::string::npos) text.erase(open, close - open);
  return text;
}

TEST(GoldenConfigsTest, WhatKerasRefusesIsRefusedInItsWords) {
  int same_words = 0, at_construction = 0;
  const ordered_json cases = testing::GoldenCases("refusals.json");
  ASSERT_GT(cases.size(), 100u);
  for (const auto& golden : cases) {
    SCOPED_TRACE(golden.dump());
    const auto parsed = ParseConv1DConfig(json(golden["config"]));
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << parsed.status();
    if (golden["at_build"].get<bool>()) continue;
    ++at_construction;
    const std::string expected = golden["error"].get<std::string>();
    // What Convoy adds to Keras' words for files of Keras 2 stands behind them.
    const std::string message(parsed.status().message());
    const std::string got = message.substr(0, message.find(". Keras 2 writes"));
    const bool same = Comparable(got) == Comparable(expected);
    same_words += same;
    // Python's own complaints about types differ in words, never in order: each
    // is about the same argument.
    const bool pythons = absl::StrContains(expected, "has no attribute") ||
                         absl::StrContains(expected, "TrackedList") ||
                         absl::StrContains(expected, "multiple values");
    if (!pythons) {
      EXPECT_EQ(Comparable(got), Comparable(expected));
    }
  }
  EXPECT_GE(same_words, at_construction - 5);
}

TEST(GoldenConfigsTest, GetConfigIsKeras) {
  for (const auto& golden : testing::GoldenCases("configs.json")) {
    SCOPED_TRACE(golden["config"].dump());
    const auto parsed = ParseConv1DConfig(json(golden["config"]));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const ordered_json written = ToJson(*parsed);
    const ordered_json& expected = golden["get_config"];
    // Dumps compare the order of keys as well.
    for (const auto& [key, value] : expected.items()) {
      EXPECT_EQ(written.value(key, ordered_json("missing")).dump(), value.dump()) << key;
    }
    EXPECT_EQ(written.size(), expected.size());
    const auto again = ParseConv1DConfig(json(written));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(ToJson(*again).dump(), written.dump());
  }
}

}  // namespace
}  // namespace convoy::keras
