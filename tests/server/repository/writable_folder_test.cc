#include "server/repository/writable_folder.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/sha256.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class WritableFolderTest : public RepositoryTest {
 protected:
  static absl::StatusOr<FileFacts> WriteFile(const WritableFolder& folder, const std::string& name,
                                             std::string_view text) {
    MemorySource source(text);
    return folder.WriteFile(name, source);
  }

  std::string Read(const fs::path& path) const {
    std::ifstream stream(root_ / path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  WritableFolder Root() const { return WritableFolder::Open(root_).value(); }
};

TEST_F(WritableFolderTest, WritesNewFilesAndSaysWhatTheyAre) {
  const auto folder = Root().MakeFolder("a");
  ASSERT_TRUE(folder.ok()) << folder.status();
  const absl::StatusOr<FileFacts> facts = WriteFile(*folder, "file", "hello");
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->bytes, 5);
  EXPECT_EQ(facts->sha256, Sha256Hex("hello"));
  EXPECT_EQ(Read("a/file"), "hello");
  const std::string large(5 << 20, 'x');
  EXPECT_TRUE(WriteFile(*folder, "large", large).ok());
  EXPECT_EQ(Read("a/large"), large);
  EXPECT_TRUE(folder->Sync().ok());
  EXPECT_TRUE(absl::IsAlreadyExists(WriteFile(*folder, "file", "x").status()));
  EXPECT_TRUE(absl::IsAlreadyExists(Root().MakeFolder("a").status()));
  EXPECT_EQ(Read("a/file"), "hello");
}

TEST_F(WritableFolderTest, FollowsNoLinkBelowItsPath) {
  fs::create_directory(root_ / "outside");
  fs::create_directory_symlink("outside", root_ / "link");
  fs::create_symlink("outside/file", root_ / "file");
  EXPECT_EQ(Root().OpenFolder("link").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(WriteFile(Root(), "file", "x").ok());
  EXPECT_FALSE(fs::exists(root_ / "outside/file"));
  EXPECT_TRUE(WritableFolder::Open(root_ / "link").ok());
}

TEST_F(WritableFolderTest, MovesWithoutReplacing) {
  const WritableFolder root = Root();
  const WritableFolder folder = root.MakeFolder("a").value();
  EXPECT_TRUE(WriteFile(root, "one", "1").ok());
  EXPECT_TRUE(WriteFile(folder, "two", "2").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(root.Move("one", folder, "two")));
  EXPECT_TRUE(root.Move("one", folder, "three").ok());
  EXPECT_EQ(Read("a/three"), "1");
  EXPECT_TRUE(absl::IsNotFound(root.Move("one", folder, "four")));
  fs::create_directory(root_ / "empty");
  EXPECT_TRUE(absl::IsAlreadyExists(root.Move("a", root, "empty")));
}

TEST_F(WritableFolderTest, ListsAndRemovesTreesWithoutFollowingLinks) {
  const WritableFolder root = Root();
  Write("outside/file", "x");
  Write("a/b/c/file", "x");
  fs::create_directory_symlink("../outside", root_ / "a/link");
  EXPECT_THAT(*root.List(), UnorderedElementsAre("outside", "a"));
  EXPECT_THAT(*root.OpenFolder("a")->List(), UnorderedElementsAre("b", "link"));
  EXPECT_TRUE(root.Has("a"));
  EXPECT_TRUE(root.Remove("a").ok());
  EXPECT_FALSE(root.Has("a"));
  EXPECT_TRUE(fs::exists(root_ / "outside/file"));
  EXPECT_TRUE(absl::IsNotFound(root.Remove("a")));
}

TEST_F(WritableFolderTest, NamesWhatFailedAndWhy) {
  const absl::Status status = Root().OpenFolder("none").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(status.message(), "cannot open none: No such file or directory");
  EXPECT_THAT(std::string(WritableFolder::Open(root_ / "none").status().message()),
              HasSubstr((root_ / "none").string()));
}

TEST_F(WritableFolderTest, AFileThatCannotBeWrittenToItsEndIsAnError) {
  // As of a full disk.
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &limit);
  const absl::Status status = WriteFile(Root(), "file", std::string(2000, 'x')).status();
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot write file: File too large"));
}

}  // namespace
}  // namespace convoy::repository
