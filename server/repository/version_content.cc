#include "server/repository/version_content.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/sha256.h"
#include "server/repository/version_files.h"

namespace convoy::repository {
namespace {

// Bytes in memory, and their checksum.
class SummedMemory final : public SummedSource {
 public:
  explicit SummedMemory(std::string_view bytes) : source_(bytes) {}

  int64_t size() const override { return source_.size(); }

  absl::Status Read(char* to, int64_t bytes) override {
    CONVOY_RETURN_IF_ERROR(source_.Read(to, bytes));
    sum_.Update({to, static_cast<size_t>(bytes)});
    return absl::OkStatus();
  }

  std::string Checksum() const override { return sum_.Hex(); }

 private:
  MemorySource source_;
  Sha256 sum_;
};

absl::Status NoSuchFile() { return absl::NotFoundError("no such file"); }

}  // namespace

bool FolderContent::Has(std::string_view name) const {
  std::error_code error;
  return std::filesystem::exists(folder_ / name, error) || error;
}

absl::StatusOr<TextFile> FolderContent::ReadText(std::string_view name) const {
  return ReadTextFile(folder_ / name, kMaxJsonBytes, stop_);
}

absl::StatusOr<std::unique_ptr<SummedSource>> FolderContent::Open(std::string_view name) const {
  CONVOY_ASSIGN_OR_RETURN(FileSource file, FileSource::Open(folder_ / name, stop_));
  return std::make_unique<FileSource>(std::move(file));
}

bool MemoryContent::Has(std::string_view name) const { return files_.contains(std::string(name)); }

absl::StatusOr<TextFile> MemoryContent::ReadText(std::string_view name) const {
  const auto file = files_.find(std::string(name));
  if (file == files_.end()) return NoSuchFile();
  if (static_cast<int64_t>(file->second.size()) > kMaxJsonBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected at most ", kMaxJsonBytes, " bytes, got ", file->second.size()));
  }
  return TextFile{std::string(file->second), Sha256Hex(file->second)};
}

absl::StatusOr<std::unique_ptr<SummedSource>> MemoryContent::Open(std::string_view name) const {
  const auto file = files_.find(std::string(name));
  if (file == files_.end()) return NoSuchFile();
  return std::make_unique<SummedMemory>(file->second);
}

}  // namespace convoy::repository
