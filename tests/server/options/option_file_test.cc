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
  EXPECT_THAT(file->values,
              ElementsAre(Pair("grpc-address", "[::1]:0"), Pair("repository", "/data/my layers"),
                          Pair("workers", "4")));
}

TEST(OptionFileTest, LeavesCommasToTheOption) {
  const absl::StatusOr<OptionFile> file = Read("required-layers = a,b\nrepository = \"c,d\"\n");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->values, ElementsAre(Pair("repository", "c,d"), Pair("required-layers", "a,b")));
}

TEST(OptionFileTest, ReadsAnEmptyFile) {
  const absl::StatusOr<OptionFile> file = Read("");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->values, IsEmpty());
}

TEST(OptionFileTest, RefusesSectionsByName) {
  EXPECT_THAT(MessageOf("[server]\nworkers = 4\n"), HasSubstr("section \"server\""));
  EXPECT_THAT(MessageOf("[empty]\n"), HasSubstr("section \"empty\""));
  EXPECT_THAT(MessageOf("server.workers = 4\n"), HasSubstr("section \"server\""));
}

TEST(OptionFileTest, ReadsSectionsOfLayers) {
  const absl::StatusOr<OptionFile> file = Read(
      "workers = 4\n"
      "[layer.stft]  # a comment\n"
      "max_batch_requests = 8\n"
      "constraints = \"apply\"\n"
      "  [ layer.my.dotted.name ]\r\n"
      "deterministic = true\n"
      "[layer.\"with # and ] in it\"]\n"
      "max_batch_bytes = 5\n"
      "[layer.'empty']\n");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->values, ElementsAre(Pair("workers", "4")));
  EXPECT_THAT(file->layers,
              ElementsAre(Pair("empty", IsEmpty()),
                          Pair("my.dotted.name", ElementsAre(Pair("deterministic", "true"))),
                          Pair("stft", ElementsAre(Pair("constraints", "apply"),
                                                   Pair("max_batch_requests", "8"))),
                          Pair("with # and ] in it", ElementsAre(Pair("max_batch_bytes", "5")))));
}

TEST(OptionFileTest, NamesTheSectionThatCannotBeRead) {
  EXPECT_THAT(MessageOf("[layer]\n"), HasSubstr("section \"layer\": expected [layer.NAME]"));
  EXPECT_THAT(MessageOf("[layer.]\n"), HasSubstr("section \"layer.\""));
  EXPECT_THAT(MessageOf("[layer.\"\"]\n"), HasSubstr("expected [layer.NAME]"));
  EXPECT_THAT(MessageOf("[[layer.a]]\n"), HasSubstr("expected a section [layer.NAME]"));
  EXPECT_THAT(MessageOf("[layer.a\n"), HasSubstr("expected a section [layer.NAME]"));
  EXPECT_THAT(MessageOf("[layer.\"a]\n"), HasSubstr("expected a section [layer.NAME]"));
  EXPECT_THAT(MessageOf("[layer.a] b = 1\n"), HasSubstr("expected a section [layer.NAME]"));
  EXPECT_THAT(MessageOf("[layer.a]\nx = 1\n[layer.'a']\n"),
              HasSubstr("section \"layer.'a'\": is given twice"));
  EXPECT_THAT(MessageOf("[layer.a]\nx = 1\ny = 1\nx = 2\n"),
              HasSubstr("section \"layer.a\": x: is given twice"));
  EXPECT_THAT(MessageOf("[layer.a]\nb.x = 1\n"), HasSubstr("section \"layer.a\": section \"b\""));
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
