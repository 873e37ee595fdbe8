#include "server/repository/model_repository.h"

#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ModelRepositoryTest : public RepositoryTest {
 protected:
  ModelRepository Repository() const { return ModelRepository::Open(root_).value(); }

  std::vector<std::string> Layers() const { return Repository().ListLayers().value().layers; }
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

TEST_F(ModelRepositoryTest, FindsNothingInAnEmptyFolder) { EXPECT_THAT(Layers(), IsEmpty()); }

TEST_F(ModelRepositoryTest, SaysWhenTheFolderVanished) {
  const ModelRepository repository = Repository();
  const FolderId id = repository.ListLayers().value().id;
  EXPECT_TRUE(repository.IsStill(id));
  fs::remove_all(root_);
  const absl::Status status = repository.ListLayers().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(root_.string()));
  EXPECT_FALSE(repository.IsStill(id));
}

TEST_F(ModelRepositoryTest, TellsAnotherFolderUnderTheSamePath) {
  fs::create_directory(root_ / "one");
  fs::create_directory(root_ / "two");
  fs::create_directory_symlink("one", root_ / "link");
  const auto repository = ModelRepository::Open(root_ / "link");
  const FolderId id = repository->ListLayers().value().id;
  fs::remove(root_ / "link");
  fs::create_directory_symlink("two", root_ / "link");
  EXPECT_FALSE(repository->IsStill(id));
}

TEST_F(ModelRepositoryTest, ListsFoldersAndLinksToFoldersAndWhatWasMeantToBeOne) {
  WriteVersion("second", "1");
  WriteVersion("first", "7");
  Write("README.md", "a file");
  Write(".git/config", "hidden");
  Write("bytes\xFF/x", "");
  fs::create_directory_symlink("first", root_ / "link");
  fs::create_symlink("README.md", root_ / "file-link");
  fs::create_symlink("nowhere", root_ / "broken");
  EXPECT_THAT(Layers(), ElementsAre("broken", "bytes\xFF", "first", "link", "second"));
}

TEST_F(ModelRepositoryTest, ListsTheVersionsNewestFirst) {
  for (const char* const version : {"2", "10", "9"}) WriteVersion("conv", version);
  Write("conv/notes.txt", "a file");
  fs::create_directory(root_ / "conv/.convoy-new");
  const absl::StatusOr<LayerListing> listing = Repository().ListVersions("conv");
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_THAT(listing->versions, ElementsAre(10, 9, 2));
  EXPECT_THAT(listing->errors, IsEmpty());
}

TEST_F(ModelRepositoryTest, NamesFoldersThatAreNoVersion) {
  WriteVersion("conv", "1");
  fs::create_directory(root_ / "conv/01");
  fs::create_directory(root_ / "conv/caf\xE9");
  const absl::StatusOr<LayerListing> listing = Repository().ListVersions("conv");
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_THAT(listing->versions, ElementsAre(1));
  ASSERT_THAT(listing->errors, SizeIs(2));
  EXPECT_THAT(std::string(listing->errors[0].message()), StartsWith("conv/01: expected a version"));
  EXPECT_THAT(std::string(listing->errors[1].message()), StartsWith("conv/caf\\xe9: "));
}

TEST_F(ModelRepositoryTest, TellsALayerThatIsNotThereFromOneThatCannotBeRead) {
  const auto code = [this](const std::string& layer) {
    return Repository().ListVersions(layer).status().code();
  };
  EXPECT_EQ(code("none"), absl::StatusCode::kNotFound);
  Write("file", "");
  EXPECT_EQ(code("file"), absl::StatusCode::kNotFound);
  fs::create_symlink("nowhere", root_ / "broken");
  EXPECT_EQ(code("broken"), absl::StatusCode::kUnavailable);
  fs::create_symlink("loop", root_ / "loop");
  EXPECT_EQ(code("loop"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code("a\nb"), absl::StatusCode::kNotFound);
  fs::create_directory(root_ / "a\nb");
  EXPECT_EQ(code("a\nb"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("../conv"), absl::StatusCode::kInvalidArgument);
}

TEST_F(ModelRepositoryTest, ReadsAVersionOfALayerThatIsALink) {
  WriteVersion("volume", "3");
  fs::create_directory_symlink("volume", root_ / "conv");
  const absl::StatusOr<LoadedVersion> version = Repository().ReadVersion("conv", 3);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->version, 3);
  EXPECT_EQ(Repository().Stamp("conv", 3), Repository().Stamp("volume", 3));
}

TEST_F(ModelRepositoryTest, NamesTheFileThatIsBroken) {
  Write("conv/2/config.json", "{");
  EXPECT_THAT(std::string(Repository().ReadVersion("conv", 2).status().message()),
              StartsWith("conv/2/config.json: "));
  EXPECT_THAT(std::string(Repository().ReadVersion("conv", 3).status().message()),
              StartsWith("conv/3/config.json: no such file"));
}

TEST_F(ModelRepositoryTest, KnowsTheFoldersInWhichALayerChanges) {
  WriteVersion("conv", "1");
  EXPECT_THAT(Repository().Folders("conv", {1}), ElementsAre(root_ / "conv", root_ / "conv/1"));
  fs::create_directories(root_ / "elsewhere/v1/2");
  fs::create_directory_symlink("v1", root_ / "elsewhere/current");
  fs::create_directory_symlink("../elsewhere/current/2", root_ / "conv/2");
  EXPECT_THAT(Repository().Folders("conv", {2}), Contains(fs::canonical(root_) / "elsewhere"));
}

}  // namespace
}  // namespace convoy::repository
