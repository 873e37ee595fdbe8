#include "server/repository/folder_watch.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

using std::chrono::steady_clock;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A time that no test reaches.
steady_clock::time_point Never() { return steady_clock::now() + std::chrono::hours(1); }
steady_clock::time_point Now() { return steady_clock::now(); }

class FolderWatchTest : public RepositoryTest {
 protected:
  void SetUp() override {
    WriteVersion("a", "1");
    WriteVersion("b", "1");
  }

  void WatchAll() {
    EXPECT_TRUE(watch_.WatchRoot(root_, {}));
    EXPECT_TRUE(watch_.WatchLayer("a", {root_ / "a", root_ / "a/1"}));
    EXPECT_TRUE(watch_.WatchLayer("b", {root_ / "b", root_ / "b/1"}));
    EXPECT_TRUE(watch_.complete());
  }

  FolderWatch watch_;
};

TEST_F(FolderWatchTest, TellsTheLayerWhoseFilesOrVersionsChange) {
  WatchAll();
  Write("a/1/config.json", "{}");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("a"));
  fs::create_directory(root_ / "b/2");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("b"));
  fs::rename(root_ / "b/2", root_ / "b/3");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("b"));
  fs::remove(root_ / "b/3");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("b"));
  EXPECT_FALSE(watch_.Wait(Now()).any());
}

TEST_F(FolderWatchTest, TellsLayersThatComeAndGo) {
  WatchAll();
  fs::create_directory(root_ / "c");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("c"));
  fs::rename(root_ / "c", root_ / "d");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("c", "d"));
}

TEST_F(FolderWatchTest, AHiddenEntryMayBeTheLinkBehindEverything) {
  WatchAll();
  fs::create_symlink("somewhere", root_ / "..data");
  EXPECT_TRUE(watch_.Wait(Never()).everything);
}

TEST_F(FolderWatchTest, WhatTheServerWritesForItselfIsNoChange) {
  WatchAll();
  Write(".convoy-lock", "");
  Write("b/.convoy-new/config.json", "");
  Write("a/1/config.json", "{}");
  const Changes changes = watch_.Wait(Never());
  EXPECT_FALSE(changes.everything);
  EXPECT_THAT(changes.layers, ElementsAre("a"));
}

TEST_F(FolderWatchTest, SaysWhetherSomethingIsWatchedThatWasNot) {
  WatchAll();
  EXPECT_FALSE(watch_.WatchRoot(root_, {}));
  EXPECT_FALSE(watch_.WatchLayer("a", {root_ / "a", root_ / "a/1"}));
  EXPECT_FALSE(watch_.WatchLayer("a", {root_ / "a"}));
  EXPECT_TRUE(watch_.WatchLayer("a", {root_ / "a", root_ / "a/1"}));
  fs::rename(root_ / "a/1", root_ / "a/old");
  WriteVersion("a", "1");
  EXPECT_TRUE(watch_.WatchLayer("a", {root_ / "a", root_ / "a/1"}));
  EXPECT_FALSE(watch_.WatchLayer("gone", {root_ / "gone"}));
}

TEST_F(FolderWatchTest, AFolderThatWasMadeAnewIsWatchedAnew) {
  WatchAll();
  fs::remove_all(root_ / "a/1");
  EXPECT_THAT(watch_.Wait(Never()).layers, Contains("a"));
  WriteVersion("a", "1");
  EXPECT_THAT(watch_.Wait(Never()).layers, Contains("a"));
  EXPECT_TRUE(watch_.WatchLayer("a", {root_ / "a", root_ / "a/1"}));
  while (watch_.Wait(Now()).any()) {
  }
  Write("a/1/config.json", "{}");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("a"));
}

TEST_F(FolderWatchTest, AForgottenLayerIsNotTold) {
  WatchAll();
  watch_.ForgetLayer("a");
  Write("a/1/config.json", "{}");
  Write("b/1/config.json", "{}");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("b"));
}

TEST_F(FolderWatchTest, TwoLayersMayBeOneFolder) {
  fs::create_symlink("a", root_ / "alias");
  WatchAll();
  EXPECT_TRUE(watch_.WatchLayer("alias", {root_ / "alias", root_ / "alias/1"}));
  Write("a/1/config.json", "{}");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("a", "alias"));
  watch_.ForgetLayer("a");
  Write("a/1/config.json", "[]");
  EXPECT_THAT(watch_.Wait(Never()).layers, ElementsAre("alias"));
}

TEST_F(FolderWatchTest, TheRepositoryThatIsMovedAwayIsAChangeOfEverything) {
  fs::create_directory(root_ / "repository");
  EXPECT_TRUE(watch_.WatchRoot(root_ / "repository", {}));
  fs::rename(root_ / "repository", root_ / "elsewhere");
  EXPECT_TRUE(watch_.Wait(Never()).everything);
}

TEST_F(FolderWatchTest, ALinkThatIsSwitchedIsAChangeOfEverything) {
  fs::create_directory_symlink(".", root_ / "link");
  EXPECT_TRUE(watch_.WatchRoot(root_ / "link/a", LinksOn(root_ / "link/a")));
  fs::create_directory_symlink("b", root_ / "new");
  while (watch_.Wait(Now()).any()) {
  }
  fs::rename(root_ / "new", root_ / "link");
  EXPECT_TRUE(watch_.Wait(Never()).everything);
}

TEST_F(FolderWatchTest, SaysWhenNotEverythingCanBeWatched) {
  FolderWatch two(2);
  EXPECT_TRUE(two.WatchRoot(root_, {}));
  EXPECT_TRUE(two.WatchLayer("a", {root_ / "a"}));
  EXPECT_TRUE(two.complete());
  EXPECT_FALSE(two.WatchLayer("b", {root_ / "b"}));
  EXPECT_FALSE(two.complete());
  fs::create_directory(root_ / "a/2");
  EXPECT_THAT(two.Wait(Never()).layers, ElementsAre("a"));
  FolderWatch none(0);
  EXPECT_FALSE(none.complete());
  EXPECT_FALSE(none.WatchRoot(root_, {}));
  EXPECT_FALSE(none.Wait(Now()).any());
}

TEST_F(FolderWatchTest, AWakeEndsTheWaitAlsoIfItComesFirst) {
  watch_.Wake();
  EXPECT_FALSE(watch_.Wait(Never()).any());
  std::thread waker([this] { watch_.Wake(); });
  EXPECT_FALSE(watch_.Wait(Never()).any());
  waker.join();
}

TEST_F(FolderWatchTest, WhatLiesBesideALinkIsNoChange) {
  fs::create_directory(root_ / "beside");
  fs::create_directory_symlink("../a", root_ / "beside/link");
  EXPECT_TRUE(watch_.WatchRoot(root_ / "beside/link", LinksOn(root_ / "beside/link")));
  Write("beside/other", "");
  EXPECT_FALSE(watch_.Wait(Now()).any());
}

TEST_F(FolderWatchTest, FindsAllLinksOnTheWay) {
  const fs::path root = fs::canonical(root_);
  EXPECT_THAT(LinksOn(root / "a/1"), IsEmpty());
  EXPECT_THAT(LinksOn(root / "none"), IsEmpty());
  fs::create_directories(root / "volume/.v1/layers/conv");
  fs::create_directory_symlink(".v1", root / "volume/..data");
  fs::create_directory_symlink("..data/layers", root / "volume/layers");
  fs::create_directory_symlink(root / "volume/layers", root / "repository");
  EXPECT_THAT(LinksOn(root / "repository/conv"),
              ElementsAre(root / "repository", root / "volume/layers", root / "volume/..data"));
  fs::create_directory_symlink("loop", root / "loop");
  EXPECT_EQ(LinksOn(root / "loop").size(), 40u);
}

}  // namespace
}  // namespace convoy::repository
