#include "server/options/option_file.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

absl::StatusOr<OptionFile> Read(const std::string& text) {
  std::istringstream stream(text);
  return ReadOptionFile(stream);
}

std::string MessageOf(const std::string& text) {
  const absl::StatusOr<OptionFile> file = Read(text);
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(file.status().message());
}

TEST(OptionFileTest, ReadsQuotedAndBareValuesAndComments) {
  const absl::StatusOr<OptionFile> file = Read(
      "# a comment\n"
      "\n"
      "workers = 4\n"
      "grpc-address = \"[::1]:0\"  # another\n"
      "repository='/data/my layers'\r\n");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(*file, ElementsAre(Pair("grpc-address", "[::1]:0"),
                                 Pair("repository", "/data/my layers"), Pair("workers", "4")));
}

TEST(OptionFileTest, LeavesCommasToTheOption) {
  const absl::StatusOr<OptionFile> file = Read("required-layers = a,b\nrepository = \"c,d\"\n");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(*file, ElementsAre(Pair("repository", "c,d"), Pair("required-layers", "a,b")));
}

TEST(OptionFileTest, ReadsAnEmptyFile) {
  const absl::StatusOr<OptionFile> file = Read("");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(*file, IsEmpty());
}

TEST(OptionFileTest, RefusesSectionsByName) {
  EXPECT_THAT(MessageOf("[server]\nworkers = 4\n"), HasSubstr("section \"server\""));
  EXPECT_THAT(MessageOf("[empty]\n"), HasSubstr("section \"empty\""));
  EXPECT_THAT(MessageOf("server.workers = 4\n"), HasSubstr("section \"server\""));
}

TEST(OptionFileTest, RefusesSeveralValues) {
  EXPECT_THAT(MessageOf("workers = 1\nworkers = 2\n"), HasSubstr("expected one value, got 2"));
  EXPECT_THAT(MessageOf("workers = 1\npollers = 1\nworkers = 2\n"),
              HasSubstr("workers: is given twice"));
}

TEST(OptionFileTest, RefusesAQuoteThatAHashCutsOff) {
  EXPECT_THAT(MessageOf("repository = \"/data/a#b\"\n"),
              AllOf(HasSubstr("repository"), HasSubstr("#")));
}

TEST(OptionFileTest, SurvivesAnyText) {
  for (const std::string text : {"[", "[[[", "]]]", "= = =", "a = [", "a = [1,\n", "\"\"\" = '''",
                                 "[a]\n[b.c.d]\n[[e]]\n", ".... = 1", "a=\"\n\"", "\0\0\0"}) {
    EXPECT_LE(Read(text).ok(), true) << text;
  }
}

TEST(OptionFileTest, NamesAFileThatCannotBeRead) {
  for (const std::string path : {"/nowhere/options.toml", "/"}) {
    const absl::StatusOr<OptionFile> file = ReadOptionFile(std::filesystem::path(path));
    EXPECT_EQ(file.status().code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(file.status().message()), HasSubstr(path));
  }
}

}  // namespace
}  // namespace convoy
