#include "server/loading/given_layer.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/loading/following_fixture.h"

namespace convoy::loading {
namespace {

using repository::MemoryContent;
using ::testing::HasSubstr;

class GivenLayerTest : public FollowingTest {
 protected:
  void SetUp() override {
    Start(root_, {.times = {.settle = std::chrono::milliseconds(1)}});
    editor_ = std::make_unique<LayerEditor>(writer_, *follower_, registry_, 3);
  }

  absl::Status Give(const std::string& layer, const MemoryContent::Files& files) {
    return GiveLayer(layer, files, {registry_, *repository_, compiler_, *editor_});
  }

  absl::Status GiveValue(const std::string& layer, float value) {
    const std::string config = Config();
    const std::string weights = Weights(value);
    return Give(layer, {{"config.json", config}, {"weights.safetensors", weights}});
  }

  // Whatever the layer's folder does is seen by then.
  void WaitForFolders() {
    WriteValue("marker/1", ++marker_);
    WaitForAnswer("marker", marker_);
  }

  void ExpectRefused(const MemoryContent::Files& files, const std::string& word) {
    const absl::Status status = Give("conv", files);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(word));
    EXPECT_EQ(Answer("conv"), 1) << "an error changes nothing";
  }

  bool IsGiven(const std::string& layer) {
    const auto snapshot = registry_.snapshot();
    const registry::LiveLayer* const live = snapshot->FindLayer(layer);
    return live != nullptr && live->given;
  }

  repository::RepositoryWriter writer_{root_};
  std::unique_ptr<LayerEditor> editor_;
  float marker_ = 100;
};

TEST_F(GivenLayerTest, IsServedAsTheOptionFileSays) {
  repository_ = repository::ModelRepository::Open(
                    root_, {{"conv", {{"deterministic", "true"}, {"constraints", "refuse"}}}})
                    .value();
  ASSERT_TRUE(GiveValue("conv", 7).ok());
  const auto snapshot = registry_.snapshot();
  const registry::LiveVersion& live = **snapshot->Find("conv", "");
  EXPECT_TRUE(live.serving.deterministic);
  EXPECT_TRUE(live.handle->compiled().deterministic());
  EXPECT_EQ(live.serving.constraints, repository::Constraints::kRefuse);
  ASSERT_TRUE(GiveValue("other", 7).ok());
  EXPECT_FALSE((*registry_.snapshot()->Find("other", ""))->serving.deterministic);
}

TEST_F(GivenLayerTest, IsServedAtOnceAndNotWritten) {
  ASSERT_TRUE(GiveValue("conv", 7).ok());
  EXPECT_EQ(Answer("conv"), 7);
  EXPECT_EQ(Answer("conv", "1"), 7);
  EXPECT_TRUE(IsGiven("conv"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "conv"));
  ASSERT_TRUE(GiveValue("conv", 8).ok());
  EXPECT_EQ(Answer("conv"), 8);
}

TEST_F(GivenLayerTest, ItsFolderIsIgnoredUntilItIsLoaded) {
  WriteValue("conv/1", 1);
  WaitForAnswer("conv", 1);
  ASSERT_TRUE(GiveValue("conv", 7).ok());
  WriteValue("conv/2", 2);
  WaitForFolders();
  EXPECT_EQ(Answer("conv"), 7);
  ASSERT_TRUE(editor_->Load("conv").ok());
  EXPECT_EQ(Answer("conv"), 2);
  EXPECT_FALSE(IsGiven("conv"));
  WriteValue("conv/3", 3);
  WaitForAnswer("conv", 3);
}

TEST_F(GivenLayerTest, TakesThePlaceOfAnUnloadedLayerAndCanBeUnloaded) {
  WriteValue("conv/1", 1);
  WaitForAnswer("conv", 1);
  ASSERT_TRUE(editor_->Unload("conv").ok());
  ASSERT_TRUE(GiveValue("conv", 7).ok());
  EXPECT_EQ(Answer("conv"), 7);
  EXPECT_TRUE(registry_.snapshot()->unloaded().empty());
  ASSERT_TRUE(editor_->Unload("conv").ok());
  EXPECT_EQ(Answer("conv"), 0);
  ASSERT_TRUE(editor_->Load("conv").ok());
  EXPECT_EQ(Answer("conv"), 1) << "what was given is gone";
}

TEST_F(GivenLayerTest, ALoadOfNothingLeavesWhatWasGiven) {
  ASSERT_TRUE(GiveValue("conv", 7).ok());
  EXPECT_TRUE(absl::IsNotFound(editor_->Load("conv")));
  EXPECT_EQ(Answer("conv"), 7);
  Write("conv/1/config.json", "{");
  EXPECT_TRUE(absl::IsFailedPrecondition(editor_->Load("conv")));
  EXPECT_EQ(Answer("conv"), 7);
  EXPECT_TRUE(IsGiven("conv"));
}

TEST_F(GivenLayerTest, CanBeReplacedByAFasterCopyOfItself) {
  ASSERT_TRUE(GiveValue("conv", 7).ok());
  const auto stale = live_.Newest("conv");
  const std::shared_ptr<const registry::LiveVersion> fresh = compiler_.Tune(*stale).value();
  absl::Notification replaced;
  ASSERT_TRUE(follower_->Post([&] {
    follower_->Replace(stale, fresh);
    replaced.Notify();
  }));
  replaced.WaitForNotification();
  EXPECT_EQ(live_.Newest("conv"), fresh);
}

TEST_F(GivenLayerTest, WhatIsNoLayerIsRefusedByTheNameOfTheFile) {
  const std::string config = Config();
  const std::string weights = Weights(5);
  WriteValue("conv/1", 1);
  WaitForAnswer("conv", 1);
  ExpectRefused({{"config.json", config}}, "file:1/weights.safetensors: no such file");
  ExpectRefused({{"config.json", config}, {"weights.safetensors", "tensors"}},
                "file:1/weights.safetensors");
  ExpectRefused({{"config.json", "{"}, {"weights.safetensors", weights}}, "file:1/config.json");
  ExpectRefused({{"config.json", config}, {"weights.safetensors", weights}, {"serving.json", "[]"}},
                "file:1/serving.json");
  EXPECT_TRUE(absl::IsInvalidArgument(GiveValue("../conv", 1)));
}

TEST_F(GivenLayerTest, AConfigOfAnotherServersModelIsRefusedWithASentence) {
  WriteValue("conv/1", 1);
  WaitForAnswer("conv", 1);
  for (const char* config : {R"({"backend": "onnxruntime"})", R"({"max_batch_size": 8})",
                             R"({"name": "conv", "platform": "tensorrt_plan", "input": []})"}) {
    ExpectRefused({{"config.json", config}}, "a Triton ModelConfig");
  }
}

TEST_F(GivenLayerTest, CanHaveWeightsOfItsInitializers) {
  const std::string config =
      R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, "use_bias": false,
          "kernel_initializer": "ones"}, "build_config": {"input_shape": [null, null, 1]}})";
  ASSERT_TRUE(Give("conv", {{"config.json", config},
                            {"serving.json", R"({"weights": {"initialize": {"seed": 7}}})"}})
                  .ok());
  EXPECT_EQ(Answer("conv"), 1);
}

}  // namespace
}  // namespace convoy::loading
