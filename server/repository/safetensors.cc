#include "server/repository/safetensors.h"

#include <bit>
#include <fstream>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/repository/safetensors_header.h"

namespace convoy::repository {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read as they lie");

constexpr int64_t kLengthBytes = 8;

absl::Status ReadExactly(std::istream& stream, char* to, int64_t bytes) {
  stream.read(to, bytes);
  if (stream.gcount() == bytes) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("reading failed: expected ", bytes, " bytes, got ", stream.gcount()));
}

absl::StatusOr<int64_t> LengthOf(std::istream& stream) {
  stream.seekg(0, std::ios::end);
  const int64_t length = stream.tellg();
  stream.seekg(0);
  if (!stream.good() || length < 0) return absl::UnavailableError("reading failed");
  return length;
}

absl::StatusOr<std::string> ReadHeader(std::istream& stream, int64_t file_bytes) {
  if (file_bytes < kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected at least ", kLengthBytes, " bytes, got ", file_bytes, ": the file is cut off"));
  }
  uint64_t length = 0;
  CONVOY_RETURN_IF_ERROR(ReadExactly(stream, reinterpret_cast<char*>(&length), kLengthBytes));
  if (length > static_cast<uint64_t>(kMaxSafetensorsHeaderBytes)) {
    return absl::InvalidArgumentError(absl::StrCat("the header's length is ", length,
                                                   " bytes, at most ", kMaxSafetensorsHeaderBytes,
                                                   " are allowed: not a safetensors file"));
  }
  const int64_t left = file_bytes - kLengthBytes;
  if (static_cast<int64_t>(length) > left) {
    return absl::InvalidArgumentError(absl::StrCat("the header takes ", length, " bytes, but ",
                                                   left, " follow: the file is cut off"));
  }
  std::string header(length, '\0');
  CONVOY_RETURN_IF_ERROR(ReadExactly(stream, header.data(), static_cast<int64_t>(length)));
  return header;
}

absl::StatusOr<TensorMap> ReadAll(std::istream& stream) {
  CONVOY_ASSIGN_OR_RETURN(const int64_t file_bytes, LengthOf(stream));
  CONVOY_ASSIGN_OR_RETURN(const std::string header, ReadHeader(stream, file_bytes));
  const int64_t data_bytes = file_bytes - kLengthBytes - static_cast<int64_t>(header.size());
  CONVOY_ASSIGN_OR_RETURN(std::vector<TensorEntry> entries,
                          ParseSafetensorsHeader(header, data_bytes));
  TensorMap tensors;
  // In the order of their bytes, which have no holes: no seeking.
  for (TensorEntry& entry : entries) {
    layer::Tensor& tensor = tensors[std::move(entry.name)];
    tensor.dtype = entry.dtype;
    tensor.shape = std::move(entry.shape);
    tensor.data.resize(entry.end - entry.begin);
    CONVOY_RETURN_IF_ERROR(ReadExactly(stream, reinterpret_cast<char*>(tensor.data.data()),
                                       static_cast<int64_t>(tensor.data.size())));
  }
  return tensors;
}

}  // namespace

absl::StatusOr<TensorMap> ReadSafetensors(std::istream& stream) {
  try {
    return ReadAll(stream);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("the tensors do not fit in memory");
  }
}

absl::StatusOr<TensorMap> ReadSafetensorsFile(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return absl::NotFoundError("no such file");
  }
  // Opening a pipe would wait for its writer.
  if (!std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError("not a regular file");
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return absl::UnavailableError("the file cannot be opened");
  return ReadSafetensors(stream);
}

}  // namespace convoy::repository
