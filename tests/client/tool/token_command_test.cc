#include "client/tool/token_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

nlohmann::json ReadJson(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

class TokenCommandTest : public ::testing::Test {
 protected:
  ~TokenCommandTest() override { std::filesystem::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "token_command_test.json";
};

TEST_F(TokenCommandTest, PrintsATokenAndItsEntryOrPutsTheEntryIntoAFile) {
  const Ran printed = RunConvoy({"token", "team-a", "--infer", "x,y", "--read"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_THAT(printed.out, MatchesRegex("token: team-a\\.[A-Za-z0-9_-]{43}\nentry: .*\n"));
  EXPECT_THAT(printed.out, HasSubstr(R"("infer":["x","y"],"read":true})"));

  const Ran added = RunConvoy({"token", "team-a", "--infer", "*", "--tokens", path_});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(added.out, MatchesRegex("team-a\\.[A-Za-z0-9_-]{43}\n"));
  const nlohmann::json entry = ReadJson(path_)["tokens"][0];
  EXPECT_EQ(entry["name"], "team-a");
  EXPECT_EQ(entry["sha256"].get<std::string>().size(), 64);
  EXPECT_EQ(entry["infer"], nlohmann::json::array({"*"}));
  EXPECT_FALSE(entry.contains("write"));
  struct stat file = {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600);
}

TEST_F(TokenCommandTest, NeverMakesTheSameTokenTwice) {
  std::set<std::string> tokens;
  for (int i = 0; i < 50; ++i) tokens.insert(RunConvoy({"token", "a"}).out);
  EXPECT_EQ(tokens.size(), 50);
}

TEST_F(TokenCommandTest, ReplacesATokenOnlyWhenAskedTo) {
  ASSERT_EQ(RunConvoy({"token", "a", "--tokens", path_}).code, 0);
  ASSERT_EQ(RunConvoy({"token", "b", "--tokens", path_}).code, 0);
  const nlohmann::json before = ReadJson(path_);
  const Ran refused = RunConvoy({"token", "a", "--tokens", path_});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--replace"));
  EXPECT_EQ(ReadJson(path_), before);
  EXPECT_EQ(RunConvoy({"token", "a", "--tokens", path_, "--replace", "--write"}).code, 0);
  const nlohmann::json after = ReadJson(path_)["tokens"];
  ASSERT_EQ(after.size(), 2);
  EXPECT_NE(after[0]["sha256"], before["tokens"][0]["sha256"]);
  EXPECT_EQ(after[0]["write"], true);
  EXPECT_EQ(after[1], before["tokens"][1]);
}

TEST_F(TokenCommandTest, RefusesWhatTheServerWouldNotRead) {
  EXPECT_EQ(RunConvoy({"token", "a.b"}).code, 2);
  EXPECT_EQ(RunConvoy({"token", std::string(65, 'a')}).code, 2);
  EXPECT_EQ(RunConvoy({"token"}).code, 2);
  std::ofstream(path_) << "[]";
  EXPECT_EQ(RunConvoy({"token", "a", "--tokens", path_}).code, 2);
  EXPECT_EQ(RunConvoy({"token", "a", "--tokens", "/no/such/folder/file"}).code, 2);
}

}  // namespace
}  // namespace convoy::tool
