#include "server/repository/version_content.h"

#include <filesystem>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/base/sha256.h"
#include "server/repository/version_files.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

// The same of a folder and of memory.
class VersionContentTest : public RepositoryTest {
 protected:
  void ExpectContent(const VersionContent& content) {
    EXPECT_TRUE(content.Has(kConfigFile));
    EXPECT_FALSE(content.Has(kWeightsFile));
    const absl::StatusOr<TextFile> text = content.ReadText(kConfigFile);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(text->text, "12345");
    EXPECT_EQ(text->checksum, Sha256Hex("12345"));
    EXPECT_TRUE(absl::IsInvalidArgument(content.ReadText(kServingFile).status())) << "too large";
    EXPECT_TRUE(absl::IsNotFound(content.ReadText(kManifestFile).status()));
    EXPECT_TRUE(absl::IsNotFound(content.Open(kWeightsFile).status()));
    const absl::StatusOr<std::unique_ptr<SummedSource>> source = content.Open(kConfigFile);
    ASSERT_TRUE(source.ok()) << source.status();
    EXPECT_EQ((*source)->size(), 5);
    std::string bytes(3, '\0');
    ASSERT_TRUE((*source)->Read(bytes.data(), 3).ok());
    EXPECT_EQ(bytes, "123");
    EXPECT_EQ((*source)->Checksum(), Sha256Hex("123")) << "of what was read so far";
    EXPECT_TRUE(absl::IsUnavailable((*source)->Read(bytes.data(), 3)));
  }
};

TEST_F(VersionContentTest, OfAFolder) {
  Write("conv/1/config.json", "12345");
  Write("conv/1/serving.json", std::string(kMaxJsonBytes + 1, ' '));
  ExpectContent(FolderContent(root_ / "conv/1", {}));
}

TEST_F(VersionContentTest, OfMemory) {
  const std::string large(kMaxJsonBytes + 1, ' ');
  ExpectContent(MemoryContent({{kConfigFile, "12345"}, {kServingFile, large}}));
}

}  // namespace
}  // namespace convoy::repository
