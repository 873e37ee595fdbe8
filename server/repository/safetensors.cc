#include "server/repository/safetensors.h"

#include <bit>
#include <new>
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

absl::StatusOr<std::string> ReadHeader(ByteSource& source) {
  const int64_t file_bytes = source.size();
  if (file_bytes < kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected at least ", kLengthBytes, " bytes, got ", file_bytes, ": the file is cut off"));
  }
  uint64_t length = 0;
  CONVOY_RETURN_IF_ERROR(source.Read(reinterpret_cast<char*>(&length), kLengthBytes));
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
  CONVOY_RETURN_IF_ERROR(source.Read(header.data(), static_cast<int64_t>(length)));
  return header;
}

absl::StatusOr<TensorMap> ReadAll(ByteSource& source, TensorCheck check) {
  CONVOY_ASSIGN_OR_RETURN(const std::string header, ReadHeader(source));
  const int64_t data_bytes = source.size() - kLengthBytes - static_cast<int64_t>(header.size());
  CONVOY_ASSIGN_OR_RETURN(std::vector<TensorEntry> entries,
                          ParseSafetensorsHeader(header, data_bytes));
  TensorMap tensors;
  for (TensorEntry& entry : entries) {
    tensors[entry.name] = {.dtype = entry.dtype, .shape = std::move(entry.shape)};
  }
  CONVOY_RETURN_IF_ERROR(check(tensors));
  // In the order of their bytes, which have no holes: no seeking.
  for (const TensorEntry& entry : entries) {
    layer::Tensor& tensor = tensors[entry.name];
    tensor.data.resize(entry.end - entry.begin);
    CONVOY_RETURN_IF_ERROR(source.Read(reinterpret_cast<char*>(tensor.data.data()),
                                       static_cast<int64_t>(tensor.data.size())));
  }
  return tensors;
}

}  // namespace

absl::StatusOr<TensorMap> ReadSafetensors(ByteSource& source, TensorCheck check) {
  try {
    return ReadAll(source, check);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("the tensors do not fit in memory");
  }
}

}  // namespace convoy::repository
