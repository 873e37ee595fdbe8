#include "server/repository/file_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/sha256.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

using ::testing::HasSubstr;

class FileSourceTest : public RepositoryTest {
 protected:
  absl::Status StatusOf(const std::string& name) { return FileSource::Open(root_ / name).status(); }
};

TEST_F(FileSourceTest, ReadsPieceByPieceAndSumsUp) {
  Write("file", "hello world");
  absl::StatusOr<FileSource> file = FileSource::Open(root_ / "file");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->size(), 11);
  std::string text(11, '\0');
  ASSERT_TRUE(file->Read(text.data(), 6).ok());
  ASSERT_TRUE(file->Read(text.data() + 6, 5).ok());
  EXPECT_EQ(text, "hello world");
  EXPECT_EQ(file->Checksum(), Sha256Hex("hello world"));
}

TEST_F(FileSourceTest, FollowsLinks) {
  Write("file", "x");
  std::filesystem::create_symlink("file", root_ / "link");
  EXPECT_TRUE(StatusOf("link").ok());
}

TEST_F(FileSourceTest, TellsWhatIsNotThereFromALinkThatLeadsNowhere) {
  EXPECT_EQ(StatusOf("none").code(), absl::StatusCode::kNotFound);
  Write("file", "x");
  EXPECT_EQ(StatusOf("file/below").code(), absl::StatusCode::kNotFound);
  std::filesystem::create_symlink("none", root_ / "link");
  EXPECT_EQ(StatusOf("link").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(StatusOf("link").message()), HasSubstr("leads nowhere"));
  std::filesystem::create_symlink("loop", root_ / "loop");
  EXPECT_EQ(StatusOf("loop").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(StatusOf("loop").message()), HasSubstr("loop"));
}

TEST_F(FileSourceTest, RefusesWithoutWaitingWhatIsNoRegularFile) {
  std::filesystem::create_directory(root_ / "folder");
  ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("/dev/zero", root_ / "device");
  for (const char* const name : {"folder", "pipe", "device"}) {
    EXPECT_EQ(StatusOf(name).code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(StatusOf(name).message(), "not a regular file") << name;
  }
}

TEST_F(FileSourceTest, AFileThatIsCutOffMeanwhileIsAnError) {
  Write("file", "hello");
  absl::StatusOr<FileSource> file = FileSource::Open(root_ / "file");
  ASSERT_TRUE(file.ok()) << file.status();
  std::filesystem::resize_file(root_ / "file", 2);
  std::string text(5, '\0');
  const absl::Status status = file->Read(text.data(), 5);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("expected 5 bytes, got 2"));
}

TEST_F(FileSourceTest, AStopEndsReading) {
  Write("file", "hello");
  std::stop_source stop;
  absl::StatusOr<FileSource> file = FileSource::Open(root_ / "file", stop.get_token());
  ASSERT_TRUE(file.ok()) << file.status();
  char c = 0;
  EXPECT_TRUE(file->Read(&c, 1).ok());
  stop.request_stop();
  EXPECT_EQ(file->Read(&c, 1).code(), absl::StatusCode::kCancelled);
}

TEST_F(FileSourceTest, TextIsReadWholeUpToALimit) {
  Write("file", "12345");
  const absl::StatusOr<TextFile> file = ReadTextFile(root_ / "file", 5);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->text, "12345");
  EXPECT_EQ(file->checksum, Sha256Hex("12345"));
  EXPECT_EQ(ReadTextFile(root_ / "file", 4).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::IsNotFound(ReadTextFile(root_ / "none", 4).status()));
}

}  // namespace
}  // namespace convoy::repository
