#include "server/loading/layer_loader.h"

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::loading {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class LayerLoaderTest : public repository::RepositoryTest {
 protected:
  LoadingOptions Options(const std::string& tuning) const {
    return {.repository = root_.string(), .tuning = tuning, .tuning_seconds = 3600};
  }

  // Returns when all layers are there.
  std::unique_ptr<LayerLoader> Load(const LoadingOptions& options) {
    auto loader = std::make_unique<LayerLoader>(options, Environment());
    EXPECT_TRUE(loader->Open().ok());
    loader->Start();
    while (!registry_.ready()) std::this_thread::yield();
    return loader;
  }

  bool IsTuned(const std::string& layer) const {
    const auto snapshot = registry_.snapshot();
    return snapshot->Find(layer, "").value()->tuned;
  }

  LoadingEnvironment Environment() {
    return {.registry = registry_, .metrics = metrics_, .primitives = primitives_};
  }

  metrics::Metrics metrics_;
  engine::ByteBudget primitives_;
  registry::Registry registry_;
};

TEST_F(LayerLoaderTest, PublishesWhatCanBeLoadedAndWhatCannot) {
  WriteVersion("conv", "1");
  Write("bad/1/config.json", "{}");
  const auto loader = Load(Options("off"));
  const registry::LayerCounts counts = registry_.snapshot()->Count();
  EXPECT_EQ(counts.callable, 1);
  EXPECT_EQ(counts.broken, 1);
  EXPECT_FALSE(IsTuned("conv"));
}

TEST_F(LayerLoaderTest, WritesOnlyWhenItIsManaged) {
  WriteVersion("conv", "1");
  LoadingOptions options = Options("off");
  EXPECT_EQ(Load(options)->editor(), nullptr);
  options.mode = "managed";
  options.keep_versions = 2;
  registry_.Publish(std::make_shared<registry::Snapshot>(std::vector<registry::LiveLayer>(),
                                                         /*complete=*/false));
  const auto loader = Load(options);
  ASSERT_NE(loader->editor(), nullptr);
  for (int64_t version = 2; version <= 5; ++version) {
    EXPECT_EQ(*loader->editor()->Rollback("conv", 1), version);
  }
  EXPECT_EQ(registry_.snapshot()->FindLayer("conv")->versions.front()->version, 5);
  // Two of its own, and the one that it did not write.
  EXPECT_EQ(loader->repository().ListVersions("conv")->versions, (std::vector<int64_t>{5, 4, 1}));
}

TEST_F(LayerLoaderTest, RemovesWhatACrashedWriterLeft) {
  WriteVersion("conv", "1");
  Write("conv/.convoy-new-1-0/config.json", "{}");
  LoadingOptions options = Options("off");
  options.mode = "managed";
  Load(options);
  EXPECT_FALSE(std::filesystem::exists(root_ / "conv/.convoy-new-1-0"));
}

TEST_F(LayerLoaderTest, NamesAMissingRepository) {
  LayerLoader loader({.repository = (root_ / "none").string()}, Environment());
  const absl::Status status = loader.Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr((root_ / "none").string()));
}

TEST_F(LayerLoaderTest, ServesALayerBeforeTheOthersAreThere) {
  WriteVersion("a", "1");
  WriteVersion("b", "1");
  LayerLoader loader(Options("off"), Environment());
  ASSERT_TRUE(loader.Open().ok());
  absl::Notification seen;
  registry_.AddListener([&] {
    const auto snapshot = registry_.snapshot();
    if (snapshot->complete() || seen.HasBeenNotified()) return;
    EXPECT_TRUE(snapshot->Find("a", "").ok());
    EXPECT_TRUE(absl::IsUnavailable(snapshot->Find("b", "").status()));
    EXPECT_FALSE(registry_.ready());
    seen.Notify();
  });
  loader.Start();
  seen.WaitForNotification();
}

TEST_F(LayerLoaderTest, IsReadyWhenAllIsTimedAndKeepsThatForTheNextStart) {
  WriteVersion("conv", "1");
  WriteVersion("other", "1");
  LoadingOptions options = Options("load");
  options.tuning_file = (root_ / ".tuning.json").string();
  auto loader = Load(options);
  EXPECT_TRUE(IsTuned("conv"));
  EXPECT_TRUE(IsTuned("other"));
  loader.reset();
  EXPECT_TRUE(std::filesystem::exists(options.tuning_file));
  options.tuning = "off";  // what is known is used all the same
  loader = Load(options);
  EXPECT_TRUE(IsTuned("conv"));
}

TEST_F(LayerLoaderTest, WhatCannotBeTimedSoonIsTimedBehind) {
  for (const char* const layer : {"a", "b", "c"}) WriteVersion(layer, "1");
  LoadingOptions options = Options("load");
  options.tuning_seconds = 0;
  const auto loader = Load(options);
  while (!IsTuned("a") || !IsTuned("b") || !IsTuned("c")) std::this_thread::yield();
}

TEST_F(LayerLoaderTest, TimesBehindWhatIsServedAlready) {
  WriteVersion("conv", "1");
  WriteVersion("other", "1");
  const auto loader = Load(Options("background"));
  while (!IsTuned("conv") || !IsTuned("other")) std::this_thread::yield();
  EXPECT_THAT(registry_.snapshot()->layers(), SizeIs(2));
}

TEST_F(LayerLoaderTest, FollowsWhatChangesUnlessItIsFixed) {
  for (const char* const mode : {"watch", "managed"}) {
    LoadingOptions options = Options("off");
    options.mode = mode;
    const auto loader = Load(options);
    WriteVersion("new", "1");
    while (!registry_.snapshot()->Find("new", "").ok()) std::this_thread::yield();
    std::filesystem::remove_all(root_ / "new");
    while (registry_.snapshot()->Find("new", "").ok()) std::this_thread::yield();
  }
}

TEST_F(LayerLoaderTest, StoppedWhileItLoadsItIsNeverReady) {
  for (const char* const layer : {"a", "b", "c", "d"}) WriteVersion(layer, "1");
  LayerLoader loader(Options("off"), Environment());
  ASSERT_TRUE(loader.Open().ok());
  absl::Notification first;
  absl::Notification go_on;
  registry_.AddListener([&] {
    if (!first.HasBeenNotified()) first.Notify();
    go_on.WaitForNotification();
  });
  loader.Start();
  first.WaitForNotification();
  loader.RequestStop();
  go_on.Notify();
  loader.Stop();
  EXPECT_FALSE(registry_.ready());
  EXPECT_THAT(registry_.snapshot()->layers(), SizeIs(1));
}

TEST_F(LayerLoaderTest, CanBeStoppedWhileItTimes) {
  for (const char* const layer : {"a", "b", "c", "d"}) WriteVersion(layer, "1");
  const auto loader = Load(Options("background"));
  loader->Stop();
  loader->Stop();
  EXPECT_TRUE(registry_.ready());
}

}  // namespace
}  // namespace convoy::loading
