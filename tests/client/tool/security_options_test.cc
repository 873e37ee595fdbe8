#include "client/tool/security_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;

std::string Written(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + "security_options_test_" + name;
  std::ofstream(path) << text;
  return path;
}

std::string ErrorOf(const SecurityArguments& arguments) {
  return std::string(ReadSecurity(arguments).status().message());
}

TEST(SecurityOptionsTest, FilesAreReadAndATokenLosesItsLineEnd) {
  const auto security = ReadSecurity({.tls = true,
                                      .ca = Written("ca", "authority"),
                                      .certificate = Written("pem", "certificate"),
                                      .key = Written("key", "key"),
                                      .server_name = "name",
                                      .token_file = Written("token", "a.b\n")});
  ASSERT_TRUE(security.ok()) << security.status();
  EXPECT_TRUE(security->tls);
  EXPECT_EQ(security->ca, "authority");
  EXPECT_EQ(security->certificate, "certificate");
  EXPECT_EQ(security->key, "key");
  EXPECT_EQ(security->server_name, "name");
  EXPECT_EQ(security->token, "a.b");
}

TEST(SecurityOptionsTest, ATokenMayComeFromAVariableWhichAFileBeats) {
  setenv("CONVOY_TOKEN", "of.variable", 1);
  EXPECT_EQ(ReadSecurity({})->token, "of.variable");
  EXPECT_EQ(ReadSecurity({.token_file = Written("token", "of.file")})->token, "of.file");
  unsetenv("CONVOY_TOKEN");
  EXPECT_EQ(ReadSecurity({})->token, "");
}

TEST(SecurityOptionsTest, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_THAT(ErrorOf({.ca = Written("ca", "x")}), HasSubstr("need --tls"));
  EXPECT_THAT(ErrorOf({.server_name = "x"}), HasSubstr("need --tls"));
  EXPECT_THAT(ErrorOf({.tls = true, .key = Written("key", "x")}), HasSubstr("go together"));
  EXPECT_THAT(ErrorOf({.tls = true, .ca = "/no/such/file"}), HasSubstr("/no/such/file"));
  EXPECT_THAT(ErrorOf({.tls = true, .ca = Written("empty", "")}), HasSubstr("is empty"));
  EXPECT_THAT(ErrorOf({.token_file = Written("token", "two words")}), HasSubstr("one line"));
}

}  // namespace
}  // namespace convoy::tool
