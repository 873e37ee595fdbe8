// The files of one version, wherever they are.
#ifndef CONVOY_SERVER_REPOSITORY_VERSION_CONTENT_H_
#define CONVOY_SERVER_REPOSITORY_VERSION_CONTENT_H_

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "server/repository/byte_source.h"
#include "server/repository/file_source.h"

namespace convoy::repository {

// By the names of version_files.h.
class VersionContent {
 public:
  virtual ~VersionContent() = default;

  // Whether there is such a file, or who knows.
  virtual bool Has(std::string_view name) const = 0;

  //   NOT_FOUND         there is no such file.
  //   INVALID_ARGUMENT  it has more than kMaxJsonBytes.
  //   and the errors of FileSource.
  virtual absl::StatusOr<TextFile> ReadText(std::string_view name) const = 0;

  //   NOT_FOUND  there is no such file.
  //   and the errors of FileSource.
  virtual absl::StatusOr<std::unique_ptr<SummedSource>> Open(std::string_view name) const = 0;
};

// A folder.
class FolderContent final : public VersionContent {
 public:
  // A request to `stop` ends reading.
  FolderContent(std::filesystem::path folder, std::stop_token stop)
      : folder_(std::move(folder)), stop_(std::move(stop)) {}

  bool Has(std::string_view name) const override;
  absl::StatusOr<TextFile> ReadText(std::string_view name) const override;
  absl::StatusOr<std::unique_ptr<SummedSource>> Open(std::string_view name) const override;

 private:
  const std::filesystem::path folder_;
  const std::stop_token stop_;
};

// Files in memory, which must outlive it.
class MemoryContent final : public VersionContent {
 public:
  using Files = absl::btree_map<std::string, std::string_view>;

  explicit MemoryContent(Files files) : files_(std::move(files)) {}

  bool Has(std::string_view name) const override;
  absl::StatusOr<TextFile> ReadText(std::string_view name) const override;
  absl::StatusOr<std::unique_ptr<SummedSource>> Open(std::string_view name) const override;

 private:
  const Files files_;
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_VERSION_CONTENT_H_
