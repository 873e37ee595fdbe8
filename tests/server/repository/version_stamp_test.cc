#include "server/repository/version_stamp.h"

#include <unistd.h>

#include <chrono>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

class VersionStampTest : public RepositoryTest {
 protected:
  VersionStamp Stamp() const { return StampOf(root_ / "conv/1"); }

  // Whether `change` shows.
  template <typename Change>
  bool Shows(Change change) {
    const VersionStamp before = Stamp();
    change();
    return Stamp() != before;
  }
};

TEST_F(VersionStampTest, IsTheSameWhileNothingChanges) {
  WriteVersion("conv", "1");
  EXPECT_EQ(Stamp(), Stamp());
  EXPECT_EQ(Stamp().files.size(), 2u);
  EXPECT_FALSE(Shows([this] { Write("conv/2/config.json", "{}"); }));
}

TEST_F(VersionStampTest, ShowsFilesThatComeChangeAndGo) {
  WriteVersion("conv", "1");
  EXPECT_TRUE(Shows([this] { Write("conv/1/.weights.x7", ""); }));
  EXPECT_TRUE(Shows([this] { Write("conv/1/.weights.x7", "a"); }));
  EXPECT_TRUE(Shows([this] { fs::remove(root_ / "conv/1/.weights.x7"); }));
  EXPECT_TRUE(Shows([this] {
    const fs::path file = root_ / "conv/1/config.json";
    fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  }));
}

TEST_F(VersionStampTest, ShowsAnotherFileOfTheSameLookAndALinkThatIsSwitched) {
  WriteVersion("conv", "1");
  const fs::path weights = root_ / "conv/1/weights.safetensors";
  EXPECT_TRUE(Shows([&] {
    fs::copy_file(weights, root_ / "copy");
    fs::last_write_time(root_ / "copy", fs::last_write_time(weights));
    fs::rename(root_ / "copy", weights);
  }));
  Write("a", "one");
  Write("b", "two");
  fs::create_symlink("../../a", root_ / "conv/1/serving.json");
  EXPECT_TRUE(Shows([this] {
    fs::create_symlink("../../b", root_ / "new");
    fs::rename(root_ / "new", root_ / "conv/1/serving.json");
  }));
  WriteVersion("conv", "2");
  EXPECT_TRUE(Shows([this] {
    fs::remove_all(root_ / "conv/1");
    fs::create_symlink("2", root_ / "conv/1");
  }));
}

TEST_F(VersionStampTest, WhatIsNotThereIsEmpty) {
  EXPECT_EQ(Stamp(), VersionStamp());
  Write("conv/1", "no folder");
  EXPECT_EQ(Stamp(), VersionStamp());
}

}  // namespace
}  // namespace convoy::repository
