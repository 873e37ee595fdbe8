#include "server/registry/layer_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/batch/request.h"
#include "kernel/engine/workspace.h"

namespace convoy::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// One filter over one channel: the input times `factor`.
repository::LoadedVersion Scale(int64_t version, float factor) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.use_bias = false;
  layer::Conv1DWeights weights;
  weights.kernel.shape = {1, 1, 1};
  weights.kernel.data.resize(sizeof(factor));
  std::memcpy(weights.kernel.data.data(), &factor, sizeof(factor));
  repository::LoadedVersion loaded;
  loaded.version = version;
  loaded.layer = std::make_shared<const layer::Conv1D>(
      layer::Conv1D::Build(std::move(config), 1, std::move(weights)).value());
  return loaded;
}

repository::LoadedLayer Layer(const std::string& name,
                              std::vector<repository::LoadedVersion> versions) {
  repository::LoadedLayer layer;
  layer.name = name;
  layer.versions = std::move(versions);
  return layer;
}

TEST(LayerLoaderTest, EveryVersionIsLiveUnderItsNameInOrder) {
  metrics::Metrics metrics;
  const auto entries =
      MakeLive({Layer("ecg", {Scale(9, 2), Scale(4, 3)}), Layer("vad", {Scale(1, 1)})}, metrics);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].name, "ecg");
  ASSERT_THAT(entries[0].versions, SizeIs(2));
  EXPECT_EQ(entries[0].versions[0]->version, 9);
  EXPECT_EQ(entries[0].versions[0]->version_text, "9");
  EXPECT_EQ(entries[0].versions[0]->name, "ecg");
  EXPECT_EQ(entries[0].versions[1]->version, 4);
  EXPECT_THAT(entries[0].errors, IsEmpty());
  EXPECT_EQ(entries[1].versions[0]->name, "vad");
}

TEST(LayerLoaderTest, ALiveLayerRunsItsOwnWeights) {
  metrics::Metrics metrics;
  const auto entries = MakeLive({Layer("ecg", {Scale(2, 5), Scale(1, 3)})}, metrics);
  batch::BufferPool pool(1 << 20);
  engine::Workspace workspace(pool);
  const std::vector<float> values = {1, 2};
  std::vector<float> answers;
  for (const auto& live : entries[0].versions) {
    batch::Input input;
    input.shape = live->layer->CheckInput({1, 2, 1}).value();
    input.payload.push_back(batch::Bytes(reinterpret_cast<const std::byte*>(values.data()), 8));
    batch::Output output;
    const batch::Input* const inputs[] = {&input};
    ASSERT_TRUE(live->queue->compiled().Run(inputs, absl::MakeSpan(&output, 1), workspace).ok());
    const float* floats = reinterpret_cast<const float*>(output.pieces.at(0).data());
    answers.insert(answers.end(), floats, floats + 2);
  }
  EXPECT_THAT(answers, ElementsAre(5, 10, 3, 6));
}

TEST(LayerLoaderTest, VersionsOfOneLayerShareItsInstruments) {
  metrics::Metrics metrics;
  const auto entries =
      MakeLive({Layer("ecg", {Scale(2, 1), Scale(1, 1)}), Layer("vad", {Scale(1, 1)})}, metrics);
  ASSERT_NE(entries[0].versions[0]->metrics, nullptr);
  EXPECT_EQ(entries[0].versions[0]->metrics, entries[0].versions[1]->metrics);
  EXPECT_EQ(entries[0].versions[0]->metrics, &metrics.ForLayer("ecg"));
  EXPECT_NE(entries[0].versions[0]->metrics, entries[1].versions[0]->metrics);
}

TEST(LayerLoaderTest, ExecutedBatchesAreCountedForTheLayer) {
  metrics::Metrics metrics;
  const auto entries = MakeLive({Layer("ecg", {Scale(1, 1)})}, metrics);
  batching::BatchObserver* observer = entries[0].versions[0]->queue->observer();
  ASSERT_NE(observer, nullptr);
  observer->OnBatch(3, 17, std::chrono::milliseconds(1));
  EXPECT_THAT(metrics.Serialize(), HasSubstr("{layer=\"ecg\"} 17"));
}

TEST(LayerLoaderTest, WhatCouldNotBeReadStaysAnErrorBesideWhatCould) {
  metrics::Metrics metrics;
  repository::LoadedLayer half = Layer("ecg", {Scale(1, 1)});
  half.errors.push_back(absl::InvalidArgumentError("ecg/2/config.json: not JSON"));
  repository::LoadedLayer broken = Layer("vad", {});
  broken.errors.push_back(absl::UnavailableError("vad/1: unreadable"));
  const auto entries = MakeLive({half, broken}, metrics);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_THAT(entries[0].versions, SizeIs(1));
  EXPECT_THAT(entries[0].errors, ElementsAre(half.errors[0]));
  EXPECT_THAT(entries[1].versions, IsEmpty());
  EXPECT_THAT(entries[1].errors, ElementsAre(broken.errors[0]));
}

TEST(LayerLoaderTest, NoLayersAreNoEntries) {
  metrics::Metrics metrics;
  EXPECT_THAT(MakeLive({}, metrics), IsEmpty());
}

}  // namespace
}  // namespace convoy::registry
