#include "server/loading/layer_loader.h"

#include <filesystem>
#include <string>

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
    return {.repository = root_.string(), .tuning = tuning};
  }
  LoadingEnvironment Environment() { return {registry_, metrics_, primitives_}; }

  metrics::Metrics metrics_;
  engine::ByteBudget primitives_;
  registry::Registry registry_;
};

TEST_F(LayerLoaderTest, PublishesWhatCanBeLoadedAndWhatCannot) {
  WriteVersion("conv", "1");
  Write("bad/1/config.json", "{}");
  LayerLoader loader(Options("off"), Environment());
  ASSERT_TRUE(loader.Load().ok());
  EXPECT_TRUE(registry_.ready());
  const registry::LayerCounts counts = registry_.snapshot()->Count();
  EXPECT_EQ(counts.callable, 1);
  EXPECT_EQ(counts.broken, 1);
}

TEST_F(LayerLoaderTest, NamesAMissingRepositoryAndPublishesNothing) {
  LayerLoader loader({.repository = (root_ / "none").string()}, Environment());
  const absl::Status status = loader.Load();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr((root_ / "none").string()));
  EXPECT_FALSE(registry_.ready());
}

TEST_F(LayerLoaderTest, KeepsWhatWasTimedInTheTuningFile) {
  WriteVersion("conv", "1");
  LoadingOptions options = Options("load");
  options.tuning_file = (root_ / ".tuning.json").string();
  LayerLoader loader(options, Environment());
  ASSERT_TRUE(loader.Load().ok());
  EXPECT_TRUE(std::filesystem::exists(options.tuning_file));
}

TEST_F(LayerLoaderTest, TimesBehindWhatIsServedAlreadyAndKeepsThat) {
  WriteVersion("conv", "1");
  WriteVersion("other", "1");
  LoadingOptions options = Options("background");
  options.tuning_file = (root_ / ".tuning.json").string();
  LayerLoader loader(options, Environment());
  ASSERT_TRUE(loader.Load().ok());
  while (!std::filesystem::exists(options.tuning_file)) std::this_thread::yield();
  EXPECT_THAT(registry_.snapshot()->layers(), SizeIs(2));
  EXPECT_TRUE(registry_.snapshot()->Find("conv", "1").ok());
  EXPECT_TRUE(registry_.snapshot()->Find("other", "1").ok());
}

TEST_F(LayerLoaderTest, CanBeStoppedWhileItTimes) {
  for (const char* const layer : {"a", "b", "c", "d"}) WriteVersion(layer, "1");
  LayerLoader loader(Options("background"), Environment());
  ASSERT_TRUE(loader.Load().ok());
  loader.Stop();
  loader.Stop();
  EXPECT_TRUE(registry_.ready());
}

}  // namespace
}  // namespace convoy::loading
