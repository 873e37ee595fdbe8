#include "server/repository/layer_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::repository {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(std::string_view name) {
  const absl::Status status = CheckLayerName(name);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
  return std::string(status.message());
}

TEST(LayerNameTest, AcceptsAnyPrintableText) {
  for (const std::string name : {"conv1d", "Über stft-2 (v3)", "\"quoted\"", "\xE6\xB3\xA2",
                                 "\xF0\x9F\x9A\x9A", "1", "a.b"}) {
    EXPECT_TRUE(CheckLayerName(name).ok()) << name;
  }
}

TEST(LayerNameTest, LimitsTheLength) {
  EXPECT_THAT(MessageOf(""), HasSubstr("is empty"));
  EXPECT_TRUE(CheckLayerName(std::string(255, 'a')).ok());
  EXPECT_THAT(MessageOf(std::string(256, 'a')), HasSubstr("at most 255 bytes, got 256"));
}

TEST(LayerNameTest, RefusesPathsAndHiddenNames) {
  EXPECT_THAT(MessageOf("a/b"), HasSubstr("'/'"));
  EXPECT_THAT(MessageOf(".."), HasSubstr("begins with '.'"));
}

TEST(LayerNameTest, RefusesControlCharacters) {
  for (const std::string_view name : {std::string_view("a\nb"), std::string_view("\0", 1),
                                      std::string_view("a\x7F"), std::string_view("\xC2\x85")}) {
    EXPECT_THAT(MessageOf(name), HasSubstr("control character"));
  }
}

TEST(LayerNameTest, RefusesWhatIsNotUtf8) {
  for (const std::string_view name :
       {"\xFF", "\x80", "a\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80", "\xE6\xB3g"}) {
    EXPECT_THAT(MessageOf(name), HasSubstr("is not UTF-8"));
  }
}

TEST(LayerNameTest, WhatIsWrittenHasAPlainName) {
  for (const std::string name : {"a", "0", "conv1d", "stft-2.v3_x", "a..b"}) {
    EXPECT_TRUE(CheckNewLayerName(name).ok()) << name;
  }
  EXPECT_TRUE(CheckNewLayerName(std::string(63, 'a')).ok());
  for (const std::string& name :
       {std::string(), std::string("A"), std::string("conv 1"), std::string(".a"),
        std::string("-a"), std::string("_a"), std::string(".."), std::string("a/b"),
        std::string("a\0b", 3), std::string("\xC3\x9C"), std::string(64, 'a')}) {
    const absl::Status status = CheckNewLayerName(name);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr("expected [a-z0-9]"));
  }
}

}  // namespace
}  // namespace convoy::repository
