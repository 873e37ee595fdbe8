#include "server/repository/model_repository.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ModelRepositoryTest : public RepositoryTest {
 protected:
  std::vector<LoadedLayer> Load() {
    const absl::StatusOr<ModelRepository> repository = ModelRepository::Open(root_);
    EXPECT_TRUE(repository.ok()) << repository.status();
    absl::StatusOr<std::vector<LoadedLayer>> layers = repository->Load();
    EXPECT_TRUE(layers.ok()) << layers.status();
    return *std::move(layers);
  }

  // Of the first layer.
  static std::vector<int64_t> Versions(const std::vector<LoadedLayer>& layers) {
    std::vector<int64_t> numbers;
    for (const LoadedVersion& version : layers.at(0).versions) numbers.push_back(version.version);
    return numbers;
  }
};

TEST_F(ModelRepositoryTest, ReportsAMissingFolderByName) {
  const auto repository = ModelRepository::Open(root_ / "none");
  EXPECT_EQ(repository.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(repository.status().message()),
              AllOf(HasSubstr((root_ / "none").string()), HasSubstr("no such folder")));
}

TEST_F(ModelRepositoryTest, RefusesAFileInPlaceOfTheFolder) {
  Write("file", "");
  EXPECT_EQ(ModelRepository::Open(root_ / "file").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ModelRepository::Open(root_ / "file" / "below").ok());
}

TEST_F(ModelRepositoryTest, FindsNothingInAnEmptyFolder) { EXPECT_THAT(Load(), IsEmpty()); }

TEST_F(ModelRepositoryTest, SaysWhenTheFolderVanished) {
  const auto repository = ModelRepository::Open(root_);
  ASSERT_TRUE(repository.ok());
  std::filesystem::remove_all(root_);
  EXPECT_EQ(repository->Load().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ModelRepositoryTest, LoadsTheLayersByName) {
  WriteVersion("second", "1");
  WriteVersion("first", "7");
  const std::vector<LoadedLayer> layers = Load();
  ASSERT_THAT(layers, SizeIs(2));
  EXPECT_EQ(layers[0].name, "first");
  EXPECT_THAT(Versions(layers), ElementsAre(7));
  EXPECT_THAT(layers[0].errors, IsEmpty());
  EXPECT_EQ(layers[1].name, "second");
}

TEST_F(ModelRepositoryTest, IgnoresHiddenNamesAndLooseFiles) {
  WriteVersion("conv", "1");
  WriteVersion("conv", ".2.partial");
  WriteVersion(".hidden", "1");
  Write("README.md", "hello");
  Write("conv/notes.txt", "hello");
  std::filesystem::create_directory_symlink(root_ / "nowhere", root_ / "dangling");
  const std::vector<LoadedLayer> layers = Load();
  ASSERT_THAT(layers, SizeIs(1));
  EXPECT_THAT(Versions(layers), ElementsAre(1));
  EXPECT_THAT(layers[0].errors, IsEmpty());
}

TEST_F(ModelRepositoryTest, FollowsLinksToFolders) {
  WriteVersion(".data", "1");
  std::filesystem::create_directory_symlink(".data", root_ / "conv");
  EXPECT_THAT(Versions(Load()), ElementsAre(1));
}

TEST_F(ModelRepositoryTest, ServesTheHighestVersionByNumberAndNotByText) {
  for (const char* const version : {"9", "10", "2"}) WriteVersion("conv", version);
  EXPECT_THAT(Versions(Load()), ElementsAre(10));
}

TEST_F(ModelRepositoryTest, KeepsAsManyVersionsAsTheNewestReadableOneAsksFor) {
  for (const char* const version : {"1", "2", "3", "4"}) WriteVersion("conv", version);
  Write("conv/3/serving.json", R"({"live_versions": 2})");
  Write("conv/4/config.json", "broken");
  const std::vector<LoadedLayer> layers = Load();
  EXPECT_THAT(Versions(layers), ElementsAre(3, 2));
  ASSERT_THAT(layers[0].errors, SizeIs(1));
  EXPECT_THAT(std::string(layers[0].errors[0].message()), StartsWith("conv/4/config.json: "));
}

TEST_F(ModelRepositoryTest, DoesNotReadVersionsOlderThanTheLiveOnes) {
  WriteVersion("conv", "2");
  Write("conv/1/config.json", "broken");
  const std::vector<LoadedLayer> layers = Load();
  EXPECT_THAT(Versions(layers), ElementsAre(2));
  EXPECT_THAT(layers[0].errors, IsEmpty());
}

TEST_F(ModelRepositoryTest, ABrokenLayerDoesNotStopTheOthers) {
  Write("broken/1/config.json", "{}");
  WriteVersion("good", "1");
  const std::vector<LoadedLayer> layers = Load();
  ASSERT_THAT(layers, SizeIs(2));
  EXPECT_THAT(layers[0].versions, IsEmpty());
  EXPECT_THAT(layers[0].errors, SizeIs(1));
  EXPECT_THAT(layers[1].versions, SizeIs(1));
}

TEST_F(ModelRepositoryTest, ReportsFoldersThatAreNoVersion) {
  WriteVersion("conv", "1");
  WriteVersion("conv", "02");
  WriteVersion("conv", "latest");
  const std::vector<LoadedLayer> layers = Load();
  EXPECT_THAT(Versions(layers), ElementsAre(1));
  ASSERT_THAT(layers[0].errors, SizeIs(2));
  EXPECT_THAT(std::string(layers[0].errors[0].message()),
              StartsWith("conv/02: expected a version"));
  EXPECT_THAT(std::string(layers[0].errors[1].message()), StartsWith("conv/latest: "));
}

TEST_F(ModelRepositoryTest, ReportsALayerWithoutVersions) {
  std::filesystem::create_directory(root_ / "conv");
  const std::vector<LoadedLayer> layers = Load();
  ASSERT_THAT(layers, SizeIs(1));
  ASSERT_THAT(layers[0].errors, SizeIs(1));
  EXPECT_EQ(layers[0].errors[0].message(), "conv: has no version folder");
}

TEST_F(ModelRepositoryTest, ReportsANameThatNoRequestCouldCarry) {
  WriteVersion("bad\xFF", "1");
  const std::vector<LoadedLayer> layers = Load();
  ASSERT_THAT(layers, SizeIs(1));
  EXPECT_EQ(layers[0].name, "bad\\xff");
  EXPECT_THAT(layers[0].versions, IsEmpty());
  EXPECT_THAT(layers[0].errors, SizeIs(1));
}

}  // namespace
}  // namespace convoy::repository
