#include "server/base/settled_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace convoy {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

class SettledFilesTest : public ::testing::Test {
 protected:
  SettledFilesTest() : folder_(::testing::TempDir() + "settled_files_test") {
    std::filesystem::create_directories(folder_);
    Write("a", "1");
    Write("b", "2");
  }
  ~SettledFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }

  const std::string folder_;
  SettledFiles files_{{Path("a"), "", Path("b")}};
};

TEST_F(SettledFilesTest, AChangeIsToldOnceWhenTwoLooksFindTheSame) {
  ASSERT_THAT(*files_.Read(), ElementsAre("1", "", "2"));
  EXPECT_EQ(files_.Look(), std::nullopt);
  Write("b", "3");
  EXPECT_EQ(files_.Look(), std::nullopt);
  Write("b", "33");
  EXPECT_EQ(files_.Look(), std::nullopt);
  EXPECT_THAT(files_.Look(), Optional(ElementsAre("1", "", "33")));
  EXPECT_EQ(files_.Look(), std::nullopt);
}

TEST_F(SettledFilesTest, TheSameBytesInAnotherFileAreNoChange) {
  ASSERT_TRUE(files_.Read().ok());
  std::filesystem::remove(Path("a"));
  EXPECT_EQ(files_.Look(), std::nullopt) << "a file is gone";
  Write("a", "1");
  EXPECT_EQ(files_.Look(), std::nullopt);
  EXPECT_EQ(files_.Look(), std::nullopt);
}

TEST_F(SettledFilesTest, WhatComesBackToWhatItWasIsNoChange) {
  ASSERT_TRUE(files_.Read().ok());
  Write("a", "5");
  EXPECT_EQ(files_.Look(), std::nullopt);
  Write("a", "1");
  EXPECT_EQ(files_.Look(), std::nullopt);
  EXPECT_EQ(files_.Look(), std::nullopt);
}

TEST_F(SettledFilesTest, LinksThatAreSwitchedAreFollowed) {
  std::filesystem::create_directories(Path("one"));
  std::filesystem::create_directories(Path("two"));
  Write("one/c", "old");
  Write("two/c", "new");
  std::filesystem::create_directory_symlink("one", Path("data"));
  SettledFiles files({Path("data/c")});
  ASSERT_TRUE(files.Read().ok());
  std::filesystem::create_directory_symlink("two", Path("next"));
  std::filesystem::rename(Path("next"), Path("data"));
  EXPECT_EQ(files.Look(), std::nullopt);
  EXPECT_THAT(files.Look(), Optional(ElementsAre("new")));
}

TEST_F(SettledFilesTest, WhatIsNoSmallFileIsAnErrorThatNamesIt) {
  SettledFiles none({Path("none")});
  EXPECT_EQ(none.Read().status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(none.Read().status().message().find("none"), std::string::npos);
  SettledFiles folder({folder_});
  EXPECT_FALSE(folder.Read().ok());
  Write("a", std::string((size_t{1} << 20) + 1, 'x'));
  EXPECT_EQ(files_.Read().status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace convoy
