#include "server/live_layers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/batching/layer_queue.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class LiveLayersTest : public repository::RepositoryTest {
 protected:
  std::vector<registry::LayerEntry> MakeAll() {
    const auto repository = repository::ModelRepository::Open(root_);
    EXPECT_TRUE(repository.ok()) << repository.status();
    return MakeLive(*repository->Load(), metrics_);
  }

  metrics::Metrics metrics_;
};

TEST_F(LiveLayersTest, CompilesEveryVersionAndKeepsTheirOrder) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "2");
  Write("conv/2/serving.json", R"({"live_versions": 2, "max_batch_requests": 7,
                                   "max_queue_delay_microseconds": 250})");
  const std::vector<registry::LayerEntry> entries = MakeAll();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].name, "conv");
  EXPECT_THAT(entries[0].errors, IsEmpty());
  ASSERT_THAT(entries[0].versions, SizeIs(2));
  const registry::LiveLayer& newest = *entries[0].versions[0];
  EXPECT_EQ(newest.name, "conv");
  EXPECT_EQ(newest.version, 2);
  EXPECT_EQ(newest.version_text, "2");
  EXPECT_EQ(&newest.queue->compiled().layer(), newest.layer.get());
  EXPECT_EQ(newest.metrics, &metrics_.ForLayer("conv"));
  EXPECT_EQ(newest.queue->options().max_batch_requests, 7);
  EXPECT_EQ(newest.queue->options().max_queue_delay, std::chrono::microseconds(250));
  EXPECT_EQ(entries[0].versions[1]->queue->options().max_queue_delay.count(), 0);
}

TEST_F(LiveLayersTest, ADeterministicVersionIsCompiledAsOneAndSaysHowItRuns) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "2");
  Write("conv/2/serving.json", R"({"live_versions": 2, "deterministic": true})");
  const std::vector<registry::LayerEntry> entries = MakeAll();
  ASSERT_THAT(entries.at(0).versions, SizeIs(2));
  const registry::LiveLayer& fixed = *entries[0].versions[0];
  const registry::LiveLayer& free = *entries[0].versions[1];
  EXPECT_TRUE(fixed.queue->compiled().deterministic());
  EXPECT_FALSE(free.queue->compiled().deterministic());
  EXPECT_THAT(fixed.describe_execution(), HasSubstr("deterministic"));
  EXPECT_THAT(free.describe_execution(), HasSubstr("1-D"));
}

TEST_F(LiveLayersTest, KeepsABrokenLayerWithItsErrorsAndWithoutSeries) {
  WriteVersion("good", "1");
  Write("bad/1/config.json", "{}");
  const std::vector<registry::LayerEntry> entries = MakeAll();
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].name, "bad");
  EXPECT_THAT(entries[0].versions, IsEmpty());
  EXPECT_THAT(entries[0].errors, SizeIs(1));
  EXPECT_THAT(entries[1].versions, SizeIs(1));
  EXPECT_THAT(metrics_.Serialize(), Not(HasSubstr("layer=\"bad\"")));
}

TEST_F(LiveLayersTest, CountsExecutedBatchesInTheLayersMetrics) {
  WriteVersion("conv", "1");
  const std::vector<registry::LayerEntry> entries = MakeAll();
  batching::BatchObserver* const observer = entries.at(0).versions.at(0)->queue->observer();
  ASSERT_NE(observer, nullptr);
  observer->OnBatch(2, 7, std::chrono::milliseconds(1));
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("convoy_batch_sequences_total{layer=\"conv\"} 7\n"));
}

}  // namespace
}  // namespace convoy
