#include "server/loading/layer_compiler.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/batching/layer_handle.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::loading {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class LayerCompilerTest : public repository::RepositoryTest {
 protected:
  std::vector<registry::LiveLayer> MakeAll() {
    const auto repository = repository::ModelRepository::Open(root_);
    EXPECT_TRUE(repository.ok()) << repository.status();
    const LayerCompiler compiler(metrics_, {});
    std::vector<registry::LiveLayer> layers;
    const std::vector<repository::LoadedLayer> loaded = repository->Load().value();
    for (const auto& layer : loaded) layers.push_back(compiler.Compile(layer));
    return layers;
  }

  metrics::Metrics metrics_;
};

TEST_F(LayerCompilerTest, CompilesEveryVersionAndKeepsTheirOrder) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "2");
  Write("conv/2/serving.json", R"({"live_versions": 2, "max_batch_requests": 7,
                                   "max_queue_delay_microseconds": 250})");
  const std::vector<registry::LiveLayer> layers = MakeAll();
  ASSERT_THAT(layers, SizeIs(1));
  EXPECT_EQ(layers[0].name, "conv");
  EXPECT_THAT(layers[0].errors, IsEmpty());
  ASSERT_THAT(layers[0].versions, SizeIs(2));
  const registry::LiveVersion& newest = *layers[0].versions[0];
  EXPECT_EQ(newest.name, "conv");
  EXPECT_EQ(newest.version, 2);
  EXPECT_EQ(newest.version_text, "2");
  EXPECT_EQ(&newest.handle->compiled().layer(), newest.layer.get());
  EXPECT_EQ(newest.metrics, &metrics_.ForLayer("conv"));
  EXPECT_EQ(newest.handle->options().max_batch_requests, 7);
  EXPECT_EQ(newest.handle->options().max_queue_delay, std::chrono::microseconds(250));
  EXPECT_EQ(layers[0].versions[1]->handle->options().max_queue_delay.count(), 0);
}

TEST_F(LayerCompilerTest, ADeterministicVersionIsCompiledAsOneAndSaysHowItRuns) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "2");
  Write("conv/2/serving.json", R"({"live_versions": 2, "deterministic": true})");
  const std::vector<registry::LiveLayer> layers = MakeAll();
  ASSERT_THAT(layers.at(0).versions, SizeIs(2));
  const registry::LiveVersion& fixed = *layers[0].versions[0];
  const registry::LiveVersion& free = *layers[0].versions[1];
  EXPECT_TRUE(fixed.handle->compiled().deterministic());
  EXPECT_FALSE(free.handle->compiled().deterministic());
  EXPECT_THAT(fixed.DescribeExecution(), HasSubstr("deterministic"));
  EXPECT_THAT(free.DescribeExecution(), HasSubstr("1-D"));
}

TEST_F(LayerCompilerTest, KeepsABrokenLayerWithItsErrorsAndWithoutSeries) {
  WriteVersion("good", "1");
  Write("bad/1/config.json", "{}");
  const std::vector<registry::LiveLayer> layers = MakeAll();
  ASSERT_THAT(layers, SizeIs(2));
  EXPECT_EQ(layers[0].name, "bad");
  EXPECT_THAT(layers[0].versions, IsEmpty());
  EXPECT_THAT(layers[0].errors, SizeIs(1));
  EXPECT_THAT(layers[1].versions, SizeIs(1));
  EXPECT_THAT(metrics_.Serialize(), Not(HasSubstr("layer=\"bad\"")));
}

TEST_F(LayerCompilerTest, CountsExecutedBatchesInTheLayersMetrics) {
  WriteVersion("conv", "1");
  const std::vector<registry::LiveLayer> layers = MakeAll();
  batching::BatchObserver* const observer = layers.at(0).versions.at(0)->handle->observer();
  ASSERT_NE(observer, nullptr);
  observer->OnBatch(2, 7, std::chrono::milliseconds(1));
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("convoy_batch_sequences_total{layer=\"conv\"} 7\n"));
}

}  // namespace
}  // namespace convoy::loading
