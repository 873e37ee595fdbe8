// Bytes that are read once, from the first to the last.
#ifndef CONVOY_SERVER_REPOSITORY_BYTE_SOURCE_H_
#define CONVOY_SERVER_REPOSITORY_BYTE_SOURCE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::repository {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Of all bytes, those that were read included.
  virtual int64_t size() const = 0;

  // Reads the next `bytes`.
  //   UNAVAILABLE  they are not there, or reading failed.
  //   CANCELLED    nobody wants them any more.
  virtual absl::Status Read(char* to, int64_t bytes) = 0;
};

// Of which the checksum is known.
class SummedSource : public ByteSource {
 public:
  // SHA-256 of what was read so far.
  virtual std::string Checksum() const = 0;
};

// Bytes in memory, which must outlive it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes)
      : size_(static_cast<int64_t>(bytes.size())), left_(bytes) {}

  int64_t size() const override { return size_; }

  absl::Status Read(char* to, int64_t bytes) override {
    if (bytes > static_cast<int64_t>(left_.size())) {
      return absl::UnavailableError(
          absl::StrCat("reading failed: expected ", bytes, " bytes, got ", left_.size()));
    }
    std::copy_n(left_.data(), bytes, to);
    left_.remove_prefix(bytes);
    return absl::OkStatus();
  }

 private:
  const int64_t size_;
  std::string_view left_;
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_BYTE_SOURCE_H_
