#include "server/loading/repository_follower.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/loading/following_fixture.h"

namespace convoy::loading {
namespace {

namespace fs = std::filesystem;

using registry::LiveVersion;
using ::testing::HasSubstr;

using RepositoryFollowerTest = FollowingTest;

TEST_F(RepositoryFollowerTest, ANewFolderIsServed) {
  Start(root_);
  EXPECT_TRUE(registry_.ready());
  WriteValue("conv/1", 1);
  WaitForAnswer("conv", 1);
  WriteValue("conv/2", 2);
  WaitForAnswer("conv", 2);
}

TEST_F(RepositoryFollowerTest, WithoutNoticesOfTheKernelToo) {
  WriteValue("conv/1", 1);
  Start(root_, {.most_watches = 0});
  WriteValue("conv/2", 2);
  WriteValue("other/1", 3);
  WaitForAnswer("conv", 2);
  WaitForAnswer("other", 3);
}

TEST_F(RepositoryFollowerTest, ChangedFilesAreLoadedAndRemovedFoldersUnloaded) {
  WriteValue("conv/1", 1);
  WriteValue("other/1", 7);
  Start(root_);
  WriteValue("conv/1", 2);
  WaitForAnswer("conv", 2);
  fs::remove_all(root_ / "conv");
  WaitForAnswer("conv", 0);
  WaitUntil([&] { return registry_.snapshot()->FindLayer("conv") == nullptr; });
  EXPECT_EQ(Answer("other"), 7);
}

TEST_F(RepositoryFollowerTest, AFixedRepositoryIsReadOnce) {
  WriteValue("conv/1", 1);
  Start(root_, {.follow = false});
  WriteValue("conv/2", 2);
  absl::Notification ran;
  EXPECT_TRUE(follower_->Post([&] { ran.Notify(); }));
  ran.WaitForNotification();
  EXPECT_EQ(Answer("conv"), 1);
}

TEST_F(RepositoryFollowerTest, AVersionThatIsSwitchedByALinkIsServed) {
  WriteValue("versions/a", 1);
  WriteValue("versions/b", 2);
  fs::create_directories(root_ / "repository/conv");
  fs::create_directory_symlink("../../versions/a", root_ / "repository/conv/1");
  Start(root_ / "repository");
  EXPECT_EQ(Answer("conv"), 1);
  fs::create_directory_symlink("../../versions/b", root_ / "repository/conv/.new");
  fs::rename(root_ / "repository/conv/.new", root_ / "repository/conv/1");
  WaitForAnswer("conv", 2);
}

TEST_F(RepositoryFollowerTest, ARepositoryThatIsItselfASwitchedLinkIsFollowed) {
  WriteValue("v1/conv/1", 1);
  WriteValue("v1/old/1", 1);
  WriteValue("v2/conv/1", 2);
  WriteValue("v2/new/1", 3);
  fs::create_directory_symlink("v1", root_ / "current");
  Start(root_ / "current");
  EXPECT_EQ(Answer("conv"), 1);
  fs::create_directory_symlink("v2", root_ / "next");
  fs::rename(root_ / "next", root_ / "current");
  WaitForAnswer("conv", 2);
  WaitForAnswer("new", 3);
  WaitForAnswer("old", 0);
  WriteValue("v2/conv/2", 4);
  WaitForAnswer("conv", 4);
}

TEST_F(RepositoryFollowerTest, AMountedVolumeOfLinksIsFollowed) {
  // As Kubernetes makes them: the entries are links through ..data.
  WriteValue(".v1/conv/1", 1);
  WriteValue(".v2/conv/1", 2);
  fs::create_directory_symlink(".v1", root_ / "..data");
  fs::create_directory_symlink("..data/conv", root_ / "conv");
  Start(root_);
  EXPECT_EQ(Answer("conv"), 1);
  fs::create_directory_symlink(".v2", root_ / "..data_tmp");
  fs::rename(root_ / "..data_tmp", root_ / "..data");
  WaitForAnswer("conv", 2);
}

TEST_F(RepositoryFollowerTest, ARepositoryThatIsGoneLeavesWhatIsLive) {
  WriteValue("repository/conv/1", 1);
  Start(root_ / "repository");
  fs::rename(root_ / "repository", root_ / "away");
  WaitUntil(
      [&] { return absl::StrContains(metrics_.Serialize(), "convoy_repository_readable 0\n"); });
  EXPECT_EQ(Answer("conv"), 1);
  // An empty folder in its place, as where a volume was unmounted.
  fs::create_directory(root_ / "repository");
  absl::Notification looked;
  EXPECT_TRUE(follower_->Post([&] { looked.Notify(); }));
  looked.WaitForNotification();
  EXPECT_EQ(Answer("conv"), 1);
  fs::remove(root_ / "repository");
  fs::rename(root_ / "away", root_ / "repository");
  WriteValue("repository/conv/2", 2);
  WaitForAnswer("conv", 2);
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("convoy_repository_readable 1\n"));
}

TEST_F(RepositoryFollowerTest, ABrokenVersionIsToldAndTheGoodOneServes) {
  WriteValue("conv/1", 1);
  Start(root_, {.times = {.incomplete = std::chrono::milliseconds(300)}});
  Write("conv/2/config.json", "{");
  WaitUntil([&] { return registry_.snapshot()->Count().errors == 1; });
  EXPECT_EQ(Answer("conv"), 1);
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("convoy_loads_total{result=\"failed\"} 1\n"));
  WriteValue("conv/2", 2);
  WaitForAnswer("conv", 2);
  EXPECT_EQ(registry_.snapshot()->Count().errors, 0);
}

TEST_F(RepositoryFollowerTest, AWrittenLayerIsLookedAtNow) {
  // Nothing settles in this test.
  Start(root_, {.times = {.settle = std::chrono::hours(1)}});
  WriteValue("conv/1", 1);
  absl::Notification looked;
  EXPECT_TRUE(follower_->Post([&] {
    follower_->LookNow("conv");
    looked.Notify();
  }));
  looked.WaitForNotification();
  EXPECT_EQ(Answer("conv"), 1);
}

TEST_F(RepositoryFollowerTest, AFreshVersionReplacesTheOneItWasMadeOfAndNoOther) {
  WriteValue("conv/1", 1);
  Start(root_);
  const auto replace = [this](std::shared_ptr<const LiveVersion> stale) {
    auto fresh = compiler_.Tune(*stale).value();
    absl::Notification replaced;
    EXPECT_TRUE(follower_->Post([&] {
      follower_->Replace(stale, fresh);
      replaced.Notify();
    }));
    replaced.WaitForNotification();
    return fresh;
  };
  const auto first = live_.Newest("conv");
  const auto fresh = replace(first);
  EXPECT_EQ(live_.Newest("conv"), fresh);
  WriteValue("conv/1", 2);
  WaitForAnswer("conv", 2);
  const auto newer = live_.Newest("conv");
  replace(fresh);
  EXPECT_EQ(live_.Newest("conv"), newer);
}

TEST_F(RepositoryFollowerTest, TasksAreRunOrDroppedButNeverLost) {
  Start(root_);
  std::atomic<int> ran = 0;
  int posted = 0;
  std::jthread stopper([this] { Stop(); });
  while (follower_->Post([&] { ++ran; })) ++posted;
  stopper.join();
  EXPECT_EQ(ran, posted);
}

TEST_F(RepositoryFollowerTest, ManyLayersAreLoadedByManyThreads) {
  for (int i = 0; i < 50; ++i) WriteValue(absl::StrCat("layer", i, "/1"), 1.0f + i);
  Start(root_);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Answer(absl::StrCat("layer", i)), 1.0f + i);
  WriteValue("layer7/2", 100);
  WaitForAnswer("layer7", 100);
  EXPECT_EQ(Answer("layer8"), 9);
}

}  // namespace
}  // namespace convoy::loading
