// A file of the repository, read without trust in what it is.
#ifndef CONVOY_SERVER_REPOSITORY_FILE_SOURCE_H_
#define CONVOY_SERVER_REPOSITORY_FILE_SOURCE_H_

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/sha256.h"
#include "server/repository/byte_source.h"

namespace convoy::repository {

// Reads into memory and maps nothing: a file that is cut off meanwhile is an error,
// not the end of the process. Follows links. Not thread-safe.
class FileSource final : public SummedSource {
 public:
  // Never waits, whatever `path` is. A request to `stop` ends reading.
  //   NOT_FOUND         no such file.
  //   INVALID_ARGUMENT  not a regular file, a link that leads nowhere, or a loop of
  //                     links.
  //   UNAVAILABLE       it cannot be opened; says why.
  static absl::StatusOr<FileSource> Open(const std::filesystem::path& path,
                                         std::stop_token stop = {});

  ~FileSource() override;
  FileSource(FileSource&& other) noexcept;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  int64_t size() const override { return size_; }
  absl::Status Read(char* to, int64_t bytes) override;

  std::string Checksum() const override { return sum_.Hex(); }

 private:
  FileSource(int descriptor, int64_t size, std::stop_token stop);

  int descriptor_;  // -1 once it was moved from
  int64_t size_;
  std::stop_token stop_;
  Sha256 sum_;
};

// A whole file as text.
struct TextFile {
  std::string text;
  std::string checksum;
};

//   INVALID_ARGUMENT  also a file of more than `most` bytes, which is not read.
//   and the errors of FileSource.
absl::StatusOr<TextFile> ReadTextFile(const std::filesystem::path& path, int64_t most,
                                      std::stop_token stop = {});

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_FILE_SOURCE_H_
