#include "server/rpc/model_statistics.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/version_statistics.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using inference::ModelStatistics;
using inference::ModelStatisticsResponse;
using std::chrono::microseconds;
using testing::ElementsAre;

class ModelStatisticsTest : public ::testing::Test {
 protected:
  std::shared_ptr<const registry::LiveVersion> Live(const std::string& name, int64_t version) {
    auto live = std::make_shared<registry::LiveVersion>(
        *MakeLiveVersion(name, version, BuildLayer(TestConfig())));
    live->statistics =
        std::make_shared<metrics::VersionStatistics>(std::make_shared<metrics::LayerInstruments>());
    return live;
  }

  void SetUp() override {
    first_ = Live("a", 2);
    snapshot_ = std::make_unique<registry::Snapshot>(std::vector<registry::LiveLayer>{
        {.name = "a", .versions = {first_, Live("a", 1)}},
        {.name = "b", .versions = {MakeLiveVersion("b", 7, BuildLayer(TestConfig()))}},
        {.name = "broken", .errors = {absl::InvalidArgumentError("not JSON")}}});
  }

  // "name/version" of each entry.
  std::vector<std::string> Names(const std::string& name, const std::string& version) {
    ModelStatisticsResponse response;
    EXPECT_TRUE(FillModelStatistics(*snapshot_, name, version, response).ok());
    std::vector<std::string> names;
    for (const auto& model : response.model_stats()) {
      names.push_back(model.name() + "/" + model.version());
    }
    return names;
  }

  absl::StatusCode CodeOf(const std::string& name, const std::string& version) {
    ModelStatisticsResponse response;
    return FillModelStatistics(*snapshot_, name, version, response).code();
  }

  std::shared_ptr<const registry::LiveVersion> first_;
  std::unique_ptr<registry::Snapshot> snapshot_;
};

TEST_F(ModelStatisticsTest, NamesWhatIsAskedFor) {
  EXPECT_THAT(Names("", ""), ElementsAre("a/2", "a/1", "b/7"));
  EXPECT_THAT(Names("a", ""), ElementsAre("a/2", "a/1"));
  EXPECT_THAT(Names("a", "1"), ElementsAre("a/1"));
  EXPECT_EQ(CodeOf("a", "3"), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf("nobody", ""), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf("broken", ""), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf("", "1"), absl::StatusCode::kInvalidArgument);
}

TEST_F(ModelStatisticsTest, TheTimesOfTheStagesAddUpToTheTimeOfAll) {
  first_->statistics->OnBatch({.requests = 2, .sequences = 5, .longest_request = microseconds(8)});
  first_->statistics->OnRequest(
      {.stages = {microseconds(1), microseconds(20), microseconds(300), microseconds(4000)},
       .ended = std::chrono::steady_clock::now(),
       .sequences = 5});
  first_->statistics->OnRequest(
      {.code = absl::StatusCode::kInternal, .stages = {.decode = microseconds(6)}});
  ModelStatisticsResponse response;
  ASSERT_TRUE(FillModelStatistics(*snapshot_, "a", "2", response).ok());
  const ModelStatistics& model = response.model_stats(0);
  const inference::InferStatistics& stats = model.inference_stats();
  EXPECT_EQ(model.inference_count(), 5u);
  EXPECT_EQ(model.execution_count(), 1u);
  EXPECT_EQ(stats.success().count(), 1u);
  EXPECT_EQ(stats.success().ns(), 4'321'000u);
  EXPECT_EQ(stats.compute_input().ns(), 1'000u);
  EXPECT_EQ(stats.queue().ns(), 20'000u);
  EXPECT_EQ(stats.compute_infer().ns(), 300'000u);
  EXPECT_EQ(stats.compute_output().ns(), 4'000'000u);
  for (const auto* part :
       {&stats.compute_input(), &stats.queue(), &stats.compute_infer(), &stats.compute_output()}) {
    EXPECT_EQ(part->count(), 1u);
  }
  EXPECT_EQ(stats.fail().count(), 1u);
  EXPECT_EQ(stats.fail().ns(), 6'000u);
  ASSERT_EQ(model.batch_stats_size(), 1);
  EXPECT_EQ(model.batch_stats(0).batch_size(), 5u);
  EXPECT_EQ(model.batch_stats(0).compute_infer().count(), 1u);
  EXPECT_EQ(model.batch_stats(0).compute_infer().ns(), 8'000u);
  EXPECT_EQ(model.memory_usage(0).byte_size(), 3u * 2 * 3 * sizeof(float));
}

TEST_F(ModelStatisticsTest, TheLastAnswerIsInTimeOfTheCalendar) {
  const auto now = std::chrono::system_clock::now();
  first_->statistics->OnRequest(
      {.ended = std::chrono::steady_clock::now() - std::chrono::minutes(1)});
  ModelStatisticsResponse response;
  ASSERT_TRUE(FillModelStatistics(*snapshot_, "a", "", response).ok());
  const std::chrono::system_clock::time_point last(
      std::chrono::milliseconds(response.model_stats(0).last_inference()));
  EXPECT_GE(last, now - std::chrono::minutes(2));
  EXPECT_LE(last, std::chrono::system_clock::now() - std::chrono::minutes(1));
  EXPECT_EQ(response.model_stats(1).last_inference(), 0u) << "there was none";
}

}  // namespace
}  // namespace convoy::rpc
