#include "server/management/layer_catalog.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::management {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using State = VersionEntry::State;

class LayerCatalogTest : public repository::RepositoryTest {
 protected:
  // Publishes the layer as the server would hold it with these live versions.
  void Publish(const std::string& name, const std::vector<int64_t>& live,
               std::vector<absl::Status> errors = {}) {
    registry::LiveLayer layer;
    layer.name = name;
    layer.errors = std::move(errors);
    for (const int64_t version : live) {
      auto loaded = repository_.ReadVersion(name, version);
      auto entry = std::make_shared<registry::LiveVersion>();
      entry->name = name;
      entry->version = version;
      entry->version_text = absl::StrCat(version);
      entry->layer = loaded->layer;
      entry->checksums = loaded->checksums;
      layer.versions.push_back(std::move(entry));
    }
    registry_.Publish(
        std::make_shared<registry::Snapshot>(std::vector<registry::LiveLayer>{layer}));
  }

  std::string Read(WeightsFile& file) {
    std::string bytes(file.source.size(), '\0');
    EXPECT_TRUE(file.source.Read(bytes.data(), file.source.size()).ok());
    return bytes;
  }

  registry::Registry registry_;
  repository::ModelRepository repository_ = *repository::ModelRepository::Open(root_);
  const LayerCatalog catalog_{registry_, repository_};
};

TEST_F(LayerCatalogTest, ListsWhatAnswersWhatLiesThereAndWhatIsBroken) {
  for (const char* version : {"1", "2", "10"}) WriteVersion("conv", version);
  Write("conv/3/config.json", "{}");
  Write("conv/2/manifest.json", "{}");
  Publish("conv", {10}, {absl::InvalidArgumentError("conv/3/config.json: no")});
  const auto versions = catalog_.Versions("conv");
  ASSERT_TRUE(versions.ok()) << versions.status();
  std::vector<std::pair<int64_t, State>> states;
  for (const VersionEntry& entry : *versions) states.emplace_back(entry.version, entry.state);
  EXPECT_EQ(
      states,
      (std::vector<std::pair<int64_t, State>>{
          {10, State::kLive}, {3, State::kBroken}, {2, State::kStored}, {1, State::kStored}}));
  EXPECT_EQ((*versions)[1].error, "conv/3/config.json: no");
  EXPECT_TRUE((*versions)[2].written_by_server);
  EXPECT_FALSE((*versions)[3].written_by_server);
  EXPECT_THAT((*versions)[0].checksum, ::testing::SizeIs(64));
  EXPECT_TRUE((*versions)[0].changed.has_value());
}

TEST_F(LayerCatalogTest, KnowsNoVersionsOfALayerThatIsNotThere) {
  EXPECT_TRUE(absl::IsNotFound(catalog_.Versions("none").status()));
}

TEST_F(LayerCatalogTest, ListsALiveVersionWhoseFolderIsGone) {
  WriteVersion("conv", "1");
  Publish("conv", {1});
  std::filesystem::remove_all(root_ / "conv");
  const auto versions = catalog_.Versions("conv");
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_THAT(*versions, ::testing::SizeIs(1));
  EXPECT_EQ((*versions)[0].state, State::kLive);
  EXPECT_FALSE((*versions)[0].changed.has_value());
}

TEST_F(LayerCatalogTest, ChangesTheEtagWithEveryVersionAndEveryLiveByte) {
  const std::string none = catalog_.Etag("conv");
  WriteVersion("conv", "1");
  const std::string unread = catalog_.Etag("conv");
  EXPECT_NE(unread, none);
  Publish("conv", {1});
  const std::string first = catalog_.Etag("conv");
  EXPECT_NE(first, unread);
  EXPECT_EQ(catalog_.Etag("conv"), first);
  EXPECT_EQ(NewestOf(first), 1);
  WriteVersion("conv", "2");
  EXPECT_NE(catalog_.Etag("conv"), first);
  EXPECT_EQ(NewestOf(catalog_.Etag("conv")), 2);
  std::filesystem::remove_all(root_ / "conv/2");
  Write("conv/1/serving.json", R"({"deterministic": true})");
  Publish("conv", {1});
  EXPECT_NE(catalog_.Etag("conv"), first);
}

TEST_F(LayerCatalogTest, TakesNothingElseForAnEtag) {
  for (const char* text :
       {"", "7", "-0123456789abcdef", "x-0123456789abcdef", "-1-0123456789abcdef", "7-0123",
        "99999999999999999999-0123456789abcdef"}) {
    EXPECT_EQ(NewestOf(text), std::nullopt) << text;
  }
  EXPECT_EQ(NewestOf("7-0123456789abcdef"), 7);
}

TEST_F(LayerCatalogTest, OpensTheWeightsOfTheNewestLiveVersionOrOfAnyOnTheDisk) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "2");
  Write("conv/2/weights.safetensors", repository::KernelAndBias(2, 4, 3));
  Publish("conv", {1});
  auto newest = catalog_.OpenWeights("conv", "");
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->version, 1);
  EXPECT_EQ(Read(*newest), repository::KernelAndBias(2, 1, 3));
  EXPECT_EQ(newest->checksum, newest->source.Checksum());
  auto stored = catalog_.OpenWeights("conv", "2");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(Read(*stored), repository::KernelAndBias(2, 4, 3));
  EXPECT_EQ(stored->checksum, "");
}

TEST_F(LayerCatalogTest, SaysWhyThereAreNoWeights) {
  WriteVersion("conv", "1");
  Write("conv/2/config.json", "{}");
  Publish("conv", {1});
  EXPECT_TRUE(absl::IsNotFound(catalog_.OpenWeights("none", "").status()));
  EXPECT_TRUE(absl::IsNotFound(catalog_.OpenWeights("none", "1").status()));
  EXPECT_TRUE(absl::IsNotFound(catalog_.OpenWeights("conv", "3").status()));
  EXPECT_TRUE(absl::IsNotFound(catalog_.OpenWeights("conv", "../1").status()));
  const absl::Status initialized = catalog_.OpenWeights("conv", "2").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(initialized));
  EXPECT_THAT(std::string(initialized.message()), HasSubstr("initializers"));
}

}  // namespace
}  // namespace convoy::management
