#include "server/base/settled_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/descriptor.h"

namespace convoy {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path.empty()) return std::string();
  // Not waiting for whoever writes to a named pipe.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return absl::ErrnoToStatus(errno, path);
  std::string content;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0) return absl::ErrnoToStatus(errno, path);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<size_t>(count));
    if (content.size() > kMaxBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": expected at most ", kMaxBytes, " bytes, got more"));
    }
  }
}

}  // namespace

absl::StatusOr<SettledFiles::Contents> SettledFiles::ReadAll() const {
  Contents contents;
  for (const std::string& path : paths_) {
    absl::StatusOr<std::string> content = ReadFile(path);
    if (!content.ok()) return content.status();
    contents.push_back(*std::move(content));
  }
  return contents;
}

absl::StatusOr<SettledFiles::Contents> SettledFiles::Read() {
  absl::StatusOr<Contents> contents = ReadAll();
  if (contents.ok()) taken_ = last_ = *contents;
  return contents;
}

std::optional<SettledFiles::Contents> SettledFiles::Look() {
  absl::StatusOr<Contents> contents = ReadAll();
  if (!contents.ok()) return std::nullopt;
  const bool settled = *contents == last_;
  last_ = *std::move(contents);
  if (!settled || last_ == taken_) return std::nullopt;
  taken_ = last_;
  return taken_;
}

}  // namespace convoy
