#include "server/loading/tuning_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace convoy::loading {
namespace {

using ::testing::HasSubstr;

class TuningFileTest : public ::testing::Test {
 protected:
  ~TuningFileTest() override { std::filesystem::remove_all(folder_); }

  static std::vector<engine::TimedTile> Tuned() {
    return {{{1, 1}, {.spatial_dimensions = 2}, 1e-6},
            {{1, 64}, {.implementation = 1, .fold = 4, .bfloat16 = true}, 2.5e-4}};
  }

  void Write(const std::string& text) { std::ofstream(path_) << text; }

  const std::filesystem::path folder_ = [] {
    std::string name = ::testing::TempDir() + "tuning_XXXXXX";
    return std::filesystem::path(mkdtemp(name.data()));
  }();
  const std::filesystem::path path_ = folder_ / "tuning.json";
};

TEST_F(TuningFileTest, WhatWasKeptIsFoundByTheNextStart) {
  TuningFile first(path_, "machine");
  ASSERT_TRUE(first.Load().ok());
  EXPECT_EQ(first.Find("layer"), std::nullopt);
  first.Keep("layer", Tuned());
  ASSERT_TRUE(first.Save().ok());
  TuningFile next(path_, "machine");
  ASSERT_TRUE(next.Load().ok());
  const auto found = next.Find("layer");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, Tuned());
}

TEST_F(TuningFileTest, AnotherMachineFindsNothingAndReplacesIt) {
  TuningFile first(path_, "machine");
  first.Keep("layer", Tuned());
  ASSERT_TRUE(first.Save().ok());
  TuningFile other(path_, "another");
  ASSERT_TRUE(other.Load().ok());
  EXPECT_EQ(other.Find("layer"), std::nullopt);
  other.Keep("second", Tuned());
  ASSERT_TRUE(other.Save().ok());
  TuningFile again(path_, "another");
  ASSERT_TRUE(again.Load().ok());
  EXPECT_TRUE(again.Find("second").has_value());
  EXPECT_FALSE(again.Find("layer").has_value());
}

TEST_F(TuningFileTest, NothingNewIsNotWritten) {
  TuningFile file(path_, "machine");
  ASSERT_TRUE(file.Load().ok());
  ASSERT_TRUE(file.Save().ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(TuningFileTest, OtherFilesAreRefusedByName) {
  for (const char* text : {"", "{", "[]", "{}", R"({"machine": "machine"})",
                           R"({"machine": "machine", "layers": {"a": [{"outputs": "many"}]}})",
                           R"({"machine": "machine", "layers": {"a": [1]}})"}) {
    Write(text);
    TuningFile file(path_, "machine");
    const absl::Status status = file.Load();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_.string())) << text;
    EXPECT_EQ(file.Find("a"), std::nullopt);
  }
}

TEST_F(TuningFileTest, AFolderThatIsNotThereIsMadeAndOneThatCannotBeIsReported) {
  TuningFile deep(folder_ / "a" / "b" / "tuning.json", "machine");
  deep.Keep("layer", Tuned());
  EXPECT_TRUE(deep.Save().ok());
  Write("a file");
  TuningFile below(path_ / "tuning.json", "machine");
  below.Keep("layer", Tuned());
  EXPECT_EQ(below.Save().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace convoy::loading
