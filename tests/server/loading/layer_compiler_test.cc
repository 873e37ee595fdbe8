#include "server/loading/layer_compiler.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tuning/tile_set.h"
#include "kernel/engine/tuning/tuning_store.h"
#include "server/batching/layer_handle.h"
#include "server/loading/tuning_file.h"
#include "server/repository/model_repository.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;
using ::testing::HasSubstr;
using ::testing::Not;

class LayerCompilerTest : public repository::RepositoryTest {
 protected:
  using Timing = LayerCompiler::Timing;

  std::shared_ptr<const LiveVersion> Compile(const std::string& name, int64_t version,
                                             Timing timing = Timing::kNone,
                                             const LiveVersion* predecessor = nullptr) {
    const auto repository = repository::ModelRepository::Open(root_).value();
    return compiler_
        .Compile(name, repository.ReadVersion(name, version).value(), timing, predecessor)
        .value();
  }

  metrics::Metrics metrics_;
  engine::ByteBudget primitives_;
  TuningFile store_{"", "this machine"};
  engine::TuningMemory memory_{&store_};
  const LayerCompiler compiler_{metrics_, primitives_, memory_};
};

TEST_F(LayerCompilerTest, MakesAVersionReadyWithAllThatIsKnownOfIt) {
  WriteVersion("conv", "2");
  Write("conv/2/serving.json", R"({"live_versions": 2, "max_batch_requests": 7,
                                   "max_queue_delay_microseconds": 250})");
  const auto live = Compile("conv", 2);
  EXPECT_EQ(live->name, "conv");
  EXPECT_EQ(live->version, 2);
  EXPECT_EQ(live->version_text, "2");
  EXPECT_EQ(live->serving.live_versions, 2);
  EXPECT_EQ(live->checksums.version.size(), 64u);
  EXPECT_EQ(&live->handle->compiled().layer(), live->layer.get());
  EXPECT_EQ(live->metrics, live->statistics);
  EXPECT_EQ(live->handle->options().max_batch_requests, 7);
  EXPECT_EQ(live->handle->options().max_queue_delay, std::chrono::microseconds(250));
  WriteVersion("conv", "3");
  EXPECT_EQ(Compile("conv", 3)->handle->options().max_queue_delay.count(), 0);
}

TEST_F(LayerCompilerTest, ADeterministicVersionIsCompiledAsOneAndSaysHowItRuns) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "2");
  Write("conv/2/serving.json", R"({"deterministic": true})");
  const auto free = Compile("conv", 1);
  const auto fixed = Compile("conv", 2);
  EXPECT_TRUE(fixed->handle->compiled().deterministic());
  EXPECT_FALSE(free->handle->compiled().deterministic());
  EXPECT_THAT(fixed->DescribeExecution(), HasSubstr("deterministic"));
  EXPECT_THAT(free->DescribeExecution(), HasSubstr("1-D"));
}

// They differ in what they know, too.
TEST_F(LayerCompilerTest, ADirectVersionDoesNotRunToomCook) {
  if (!engine::HasAvx2()) GTEST_SKIP() << "needs AVX2";
  for (const std::string name : {"auto", "direct"}) {
    Write(name + "/1/config.json",
          R"({"class_name": "Conv1D", "config": {"filters": 64, "kernel_size": 5,)"
          R"( "batch_input_shape": [null, null, 64]}})");
    Write(name + "/1/serving.json",
          R"({"weights": {"initialize": {"seed": 1}}, "algorithm": ")" + name + "\"}");
  }
  const auto layer = Compile("auto", 1)->layer;
  std::vector<engine::TimedTile> tiles = engine::EstimatedTiles(*layer);
  store_.Keep(engine::TuningKey(*layer, engine::Algorithm::kDirect), tiles);
  tiles.back().statement = {.points = 8};
  store_.Keep(engine::TuningKey(*layer, engine::Algorithm::kAuto), tiles);
  EXPECT_THAT(Compile("auto", 1, Timing::kKnown)->DescribeExecution(), HasSubstr("Toom-Cook"));
  EXPECT_THAT(Compile("direct", 1, Timing::kKnown)->DescribeExecution(),
              Not(HasSubstr("Toom-Cook")));
}

TEST_F(LayerCompilerTest, WhatWasTimedOnceIsKnownToAllEqualLayers) {
  WriteVersion("conv", "1");
  WriteVersion("other", "1");
  EXPECT_FALSE(Compile("conv", 1, Timing::kNone)->tuned);
  const auto untimed = Compile("conv", 1, Timing::kKnown);
  EXPECT_FALSE(untimed->tuned);
  const auto timed = compiler_.Tune(*untimed).value();
  EXPECT_TRUE(timed->tuned);
  EXPECT_EQ(timed->layer, untimed->layer);
  EXPECT_EQ(timed->checksums, untimed->checksums);
  EXPECT_TRUE(Compile("conv", 1, Timing::kKnown)->tuned);
  EXPECT_TRUE(Compile("other", 1, Timing::kKnown)->tuned);
}

TEST_F(LayerCompilerTest, AVersionThatIsMadeAnewKeepsItsStatistics) {
  WriteVersion("conv", "1");
  const auto live = Compile("conv", 1);
  live->metrics->OnRequest({.sequences = 3});
  EXPECT_THAT(
      metrics_.Serialize(),
      HasSubstr("convoy_request_duration_seconds_count{layer=\"conv\",outcome=\"answered\"} 1\n"));
  EXPECT_EQ(compiler_.Tune(*live).value()->statistics, live->statistics);
  EXPECT_EQ(live->statistics->Totals().sequences, 3u);
  EXPECT_NE(Compile("conv", 1)->statistics, live->statistics) << "of no predecessor";
  WriteVersion("conv", "2");
  const auto next = Compile("conv", 2, Timing::kNone, live.get());
  EXPECT_EQ(next->statistics->Totals().sequences, 0u) << "another version";
}

TEST_F(LayerCompilerTest, TheConvolutionAloneIsMadeWhenItIsAskedFor) {
  WriteVersion("conv", "1");
  const auto live = Compile("conv", 1);
  ASSERT_NE(live->convolution, nullptr) << "the layer has a bias";
  EXPECT_EQ(live->convolution->ready(), nullptr);
  const std::shared_ptr<batching::LayerHandle> alone = live->convolution->Get().value();
  EXPECT_FALSE(alone->compiled().layer().config().use_bias);
  EXPECT_EQ(alone->observer(), live->handle->observer());
  EXPECT_EQ(compiler_.Tune(*live).value()->convolution, live->convolution);
  Write("plain/1/config.json", R"({"class_name": "Conv1D", "config": {"filters": 3,
                                  "kernel_size": 2, "activation": "relu", "use_bias": false}})");
  Write("plain/2/config.json", R"({"class_name": "Conv1D", "config": {"filters": 3,
                                  "kernel_size": 2, "use_bias": false}})");
  for (const char* version : {"plain/1", "plain/2"}) {
    Write(std::filesystem::path(version) / "weights.safetensors",
          repository::SafetensorsBytes(
              R"({"kernel":{"dtype":"F32","shape":[2,1,3],"data_offsets":[0,24]}})",
              std::string(24, '\0')));
  }
  EXPECT_NE(Compile("plain", 1)->convolution, nullptr);
  EXPECT_EQ(Compile("plain", 2)->convolution, nullptr) << "it is nothing else";
}

TEST_F(LayerCompilerTest, CountsExecutedBatchesInTheLayersMetrics) {
  WriteVersion("conv", "1");
  const auto live = Compile("conv", 1);
  batching::BatchObserver* const observer = live->handle->observer();
  ASSERT_NE(observer, nullptr);
  observer->OnBatch({.parts = 9,
                     .requests = 2,
                     .sequences = 7,
                     .duration = std::chrono::milliseconds(1),
                     .request_durations = std::chrono::milliseconds(3)});
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("convoy_batch_sequences_total{layer=\"conv\"} 7\n"));
}

}  // namespace
}  // namespace convoy::loading
