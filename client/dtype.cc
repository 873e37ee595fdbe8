#include "client/dtype.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::client {
namespace {

struct Entry {
  DType dtype;
  const char* name;
  size_t size;
};

// In the order of the enumerators.
constexpr std::array<Entry, 13> kEntries = {{
    {DType::kBool, "BOOL", 1},
    {DType::kUint8, "UINT8", 1},
    {DType::kUint16, "UINT16", 2},
    {DType::kUint32, "UINT32", 4},
    {DType::kUint64, "UINT64", 8},
    {DType::kInt8, "INT8", 1},
    {DType::kInt16, "INT16", 2},
    {DType::kInt32, "INT32", 4},
    {DType::kInt64, "INT64", 8},
    {DType::kFp16, "FP16", 2},
    {DType::kBf16, "BF16", 2},
    {DType::kFp32, "FP32", 4},
    {DType::kFp64, "FP64", 8},
}};

}  // namespace

std::string DTypeName(DType dtype) { return kEntries[static_cast<size_t>(dtype)].name; }

absl::StatusOr<DType> DTypeFromName(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (name == entry.name) return entry.dtype;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("datatype: expected one of BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, "
                   "FP32, FP64, got \"",
                   std::string(name), "\""));
}

size_t DTypeSize(DType dtype) { return kEntries[static_cast<size_t>(dtype)].size; }

}  // namespace convoy::client
