#include "server/loading/layer_editor.h"

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/loading/following_fixture.h"

namespace convoy::loading {
namespace {

namespace fs = std::filesystem;

using repository::MemorySource;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LayerEditorTest : public FollowingTest {
 protected:
  void SetUp() override {
    // What is written by hand settles in the next hour.
    Start(root_, {.times = {.settle = std::chrono::hours(1)}});
    editor_ = std::make_unique<LayerEditor>(writer_, *follower_, registry_, 3);
  }

  absl::StatusOr<int64_t> Create(const std::string& layer, float value) {
    return CreateOf(layer, Config(), Weights(value));
  }

  absl::StatusOr<int64_t> CreateOf(const std::string& layer, const std::string& config,
                                   const std::string& weights) {
    MemorySource config_source(config);
    MemorySource weights_source(weights);
    return editor_->CreateVersion(
        layer, {{"config.json", config_source}, {"weights.safetensors", weights_source}});
  }

  std::vector<int64_t> VersionsOnDisk(const std::string& layer) const {
    const auto listing = repository_->ListVersions(layer);
    return listing.ok() ? listing->versions : std::vector<int64_t>();
  }

  repository::RepositoryWriter writer_{root_};
  std::unique_ptr<LayerEditor> editor_;
};

TEST_F(LayerEditorTest, WhatItAcknowledgesIsInForce) {
  EXPECT_EQ(Create("conv", 1).value(), 1);
  EXPECT_EQ(Answer("conv"), 1);
  EXPECT_EQ(Create("conv", 2).value(), 2);
  EXPECT_EQ(Answer("conv"), 2);
  EXPECT_EQ(editor_->Rollback("conv", 1).value(), 3);
  EXPECT_EQ(Answer("conv"), 1);
  EXPECT_TRUE(editor_->Delete("conv", false).ok());
  EXPECT_EQ(registry_.snapshot()->FindLayer("conv"), nullptr);
  EXPECT_EQ(Create("conv", 4).value(), 1);
  EXPECT_EQ(Answer("conv"), 4);
}

TEST_F(LayerEditorTest, TheLastVersionsOfItsOwnStayOnTheDisk) {
  WriteValue("conv/1", 1);
  for (int i = 2; i <= 7; ++i) ASSERT_EQ(Create("conv", i).value(), i);
  EXPECT_THAT(VersionsOnDisk("conv"), ElementsAre(7, 6, 5, 1));
  EXPECT_EQ(Answer("conv"), 7);
}

TEST_F(LayerEditorTest, AWriteThatFailsChangesNothing) {
  ASSERT_TRUE(Create("conv", 1).ok());
  const absl::Status status = CreateOf("conv", "{", Weights(2)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Answer("conv"), 1);
  EXPECT_THAT(VersionsOnDisk("conv"), ElementsAre(1));
  EXPECT_TRUE(absl::IsNotFound(editor_->Rollback("conv", 9).status()));
  EXPECT_TRUE(absl::IsNotFound(editor_->Delete("none", false)));
}

TEST_F(LayerEditorTest, AnUnloadedLayerStaysSoUntilItIsLoaded) {
  ASSERT_TRUE(Create("conv", 1).ok());
  EXPECT_TRUE(editor_->Unload("conv").ok());
  EXPECT_EQ(registry_.snapshot()->FindLayer("conv"), nullptr);
  EXPECT_TRUE(editor_->Unload("conv").ok());
  EXPECT_EQ(Create("conv", 2).value(), 2);  // written, and not loaded
  EXPECT_EQ(Answer("conv"), 0);
  EXPECT_TRUE(editor_->Load("conv").ok());
  EXPECT_EQ(Answer("conv"), 2);
  EXPECT_TRUE(absl::IsNotFound(editor_->Unload("none")));
  EXPECT_TRUE(absl::IsNotFound(editor_->Load("none")));
}

TEST_F(LayerEditorTest, LoadingSaysWhyALayerCannotBe) {
  Write("bad/1/config.json", "{");
  const absl::Status status = editor_->Load("bad");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("bad/1/config.json"));
  WriteValue("bad/1", 1);
  EXPECT_TRUE(editor_->Load("bad").ok());
  EXPECT_EQ(Answer("bad"), 1);
}

TEST_F(LayerEditorTest, AnUnloadedLayerIsShownAsOne) {
  ASSERT_TRUE(Create("conv", 1).ok());
  ASSERT_TRUE(editor_->Unload("conv").ok());
  EXPECT_THAT(registry_.snapshot()->unloaded(), ElementsAre("conv"));
  ASSERT_TRUE(editor_->Load("conv").ok());
  EXPECT_THAT(registry_.snapshot()->unloaded(), ElementsAre());
  ASSERT_TRUE(editor_->Unload("conv").ok());
  ASSERT_TRUE(editor_->Delete("conv", false).ok());
  EXPECT_THAT(registry_.snapshot()->unloaded(), ElementsAre()) << "there is nothing to load";
}

TEST_F(LayerEditorTest, ALoadThatFailsLeavesTheLayerUnloaded) {
  WriteValue("conv/1", 1);
  ASSERT_TRUE(editor_->Load("conv").ok());
  ASSERT_TRUE(editor_->Unload("conv").ok());
  Write("conv/1/config.json", "{");
  EXPECT_TRUE(absl::IsFailedPrecondition(editor_->Load("conv")));
  EXPECT_THAT(registry_.snapshot()->unloaded(), ElementsAre("conv"));
  std::filesystem::remove_all(root_ / "conv");
  EXPECT_TRUE(absl::IsNotFound(editor_->Load("conv")));
  EXPECT_THAT(registry_.snapshot()->unloaded(), ElementsAre());
}

TEST_F(LayerEditorTest, RefusesNamesThatNoLayerCanHave) {
  for (const char* name : {"", "../conv", ".hidden", "a/b", "a\nb"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(editor_->Load(name))) << name;
    EXPECT_TRUE(absl::IsNotFound(editor_->Unload(name))) << name;
  }
  EXPECT_TRUE(registry_.snapshot()->layers().empty());
}

TEST_F(LayerEditorTest, RefusesWhileTheServerStarts) {
  registry_.Publish(std::make_shared<const registry::Snapshot>(std::vector<registry::LiveLayer>(),
                                                               /*complete=*/false));
  EXPECT_TRUE(absl::IsUnavailable(editor_->Load("conv")));
}

TEST_F(LayerEditorTest, RefusesWhenNobodyFollowsAnyMore) {
  Stop();
  EXPECT_TRUE(absl::IsUnavailable(Create("conv", 1).status()));
  EXPECT_THAT(VersionsOnDisk("conv"), ElementsAre());
  EXPECT_TRUE(absl::IsUnavailable(editor_->Unload("conv")));
}

TEST_F(LayerEditorTest, ManyEditorsOfOneLayerLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kWrites = 5;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (int write = 0; write < kWrites; ++write) EXPECT_TRUE(Create("conv", 1).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(VersionsOnDisk("conv"), ElementsAre(20, 19, 18));
  EXPECT_EQ(live_.Newest("conv")->version, 20);
}

}  // namespace
}  // namespace convoy::loading
