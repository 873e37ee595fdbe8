#include "server/rpc/typed_contents.h"

#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"

namespace convoy::rpc {
namespace {

using inference::InferTensorContents;
using layer::DType;

// A tensor larger than this does not stay allocated for the next message.
constexpr size_t kMaxReusedBytes = size_t{64} << 10;

// How one element of a field is written; nothing for what is no field of ours.
std::optional<WireType> ElementType(int field) {
  switch (field) {
    case InferTensorContents::kBoolContentsFieldNumber:
    case InferTensorContents::kIntContentsFieldNumber:
    case InferTensorContents::kInt64ContentsFieldNumber:
    case InferTensorContents::kUintContentsFieldNumber:
    case InferTensorContents::kUint64ContentsFieldNumber:
      return WireType::kVarint;
    case InferTensorContents::kFp32ContentsFieldNumber:
      return WireType::kFixed32;
    case InferTensorContents::kFp64ContentsFieldNumber:
      return WireType::kFixed64;
    case InferTensorContents::kBytesContentsFieldNumber:
      return WireType::kDelimited;
    default:
      return std::nullopt;
  }
}

bool ReadElement(WireType type, SliceCursor& cursor, uint64_t& bits) {
  size_t length;
  switch (type) {
    case WireType::kVarint:
      return cursor.ReadVarint(bits);
    case WireType::kFixed32:
      return cursor.ReadFixed(4, bits);
    case WireType::kFixed64:
      return cursor.ReadFixed(8, bits);
    default:  // a string
      bits = 0;
      return cursor.ReadLength(length) && cursor.Skip(length);
  }
}

// Calls visit(field, bits) for each element, until it returns false. Numbers may
// come one by one or packed. Returns whether all is well-formed and was visited.
template <typename Visit>
bool ForEachElement(SliceCursor cursor, const Visit& visit) {
  uint64_t bits;
  while (cursor.remaining() > 0) {
    uint32_t tag;
    if (!cursor.ReadTag(tag)) return false;
    const int field = FieldNumberOf(tag);
    const std::optional<WireType> element = ElementType(field);
    if (element == WireTypeOf(tag)) {
      if (!ReadElement(*element, cursor, bits) || !visit(field, bits)) return false;
    } else if (element.has_value() && WireTypeOf(tag) == WireType::kDelimited) {
      size_t length;
      if (!cursor.ReadLength(length)) return false;
      SliceCursor packed = cursor.First(length);
      while (packed.remaining() > 0) {
        if (!ReadElement(*element, packed, bits) || !visit(field, bits)) return false;
      }
      cursor.Skip(length);
    } else if (!cursor.SkipField(tag)) {
      return false;
    }
  }
  return true;
}

// The field of a dtype's elements, 0 for none.
int FieldOf(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return InferTensorContents::kBoolContentsFieldNumber;
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
      return InferTensorContents::kIntContentsFieldNumber;
    case DType::kInt64:
      return InferTensorContents::kInt64ContentsFieldNumber;
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
      return InferTensorContents::kUintContentsFieldNumber;
    case DType::kUint64:
      return InferTensorContents::kUint64ContentsFieldNumber;
    case DType::kFloat32:
      return InferTensorContents::kFp32ContentsFieldNumber;
    case DType::kFloat64:
      return InferTensorContents::kFp64ContentsFieldNumber;
    case DType::kFloat16:
    case DType::kBfloat16:
      break;
  }
  return 0;
}

std::string FieldName(int field) {
  return absl::StrCat("inputs[0].contents.",
                      InferTensorContents::descriptor()->FindFieldByNumber(field)->name());
}

template <typename T>
absl::Status OutOfRange(int field, size_t index, DType dtype, const std::string& value) {
  return absl::InvalidArgumentError(absl::StrCat(
      FieldName(field), "[", index, "]: expected ", std::to_string(std::numeric_limits<T>::min()),
      " to ", std::to_string(std::numeric_limits<T>::max()), " for ",
      std::string(ProtocolName(dtype)), ", got ", value));
}

// Elements that come as `Wire`, as Ts.
// REQUIRES: the parts are well-formed, and their elements as many as fit `tensor`.
template <typename T, typename Wire = T>
absl::Status Write(absl::Span<const SliceCursor> parts, DType dtype, std::byte* tensor) {
  size_t index = 0;
  absl::Status status;
  const auto write = [&](int field, uint64_t bits) {
    const auto value = static_cast<Wire>(bits);
    if constexpr (!std::is_same_v<T, Wire>) {
      if (!std::in_range<T>(value)) {
        status = OutOfRange<T>(field, index, dtype, std::to_string(value));
        return false;
      }
    }
    const auto element = static_cast<T>(value);
    std::memcpy(tensor + index * sizeof(T), &element, sizeof(T));
    ++index;
    return true;
  };
  for (const SliceCursor& part : parts) {
    ForEachElement(part, write);
    CONVOY_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status WriteAs(absl::Span<const SliceCursor> parts, DType dtype, std::byte* tensor) {
  switch (dtype) {
    case DType::kBool:
      return Write<bool>(parts, dtype, tensor);  // any number but 0 is true
    case DType::kInt8:
      return Write<int8_t, int32_t>(parts, dtype, tensor);
    case DType::kInt16:
      return Write<int16_t, int32_t>(parts, dtype, tensor);
    case DType::kInt32:
      return Write<int32_t>(parts, dtype, tensor);
    case DType::kInt64:
      return Write<int64_t>(parts, dtype, tensor);
    case DType::kUint8:
      return Write<uint8_t, uint32_t>(parts, dtype, tensor);
    case DType::kUint16:
      return Write<uint16_t, uint32_t>(parts, dtype, tensor);
    case DType::kUint32:
    case DType::kFloat32:  // its bits
      return Write<uint32_t>(parts, dtype, tensor);
    case DType::kUint64:
    case DType::kFloat64:  // its bits
      return Write<uint64_t>(parts, dtype, tensor);
    case DType::kFloat16:
    case DType::kBfloat16:
      break;
  }
  return absl::InternalError("no field has elements of this datatype");
}

}  // namespace

bool TypedContents::Add(const SliceCursor& contents) {
  parts_.push_back(contents);
  return ForEachElement(contents, [this](int field, uint64_t) {
    ++elements_[static_cast<size_t>(field)];
    return true;
  });
}

void TypedContents::Clear() {
  parts_ = {};
  elements_ = {};
  tensor_.clear();
  if (tensor_.capacity() > kMaxReusedBytes) tensor_ = {};
}

absl::Status TypedContents::CheckElements(DType dtype, int64_t count) const {
  const int own = FieldOf(dtype);
  const std::string name(ProtocolName(dtype));
  if (own == 0 && count > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("inputs[0].contents: expected raw_input_contents for ", name, ", got none"));
  }
  for (int field = 1; field < kFields; ++field) {
    const int64_t elements = elements_[static_cast<size_t>(field)];
    if (field != own && elements > 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          FieldName(field), ": expected no elements for ", name,
          own == 0 ? "" : absl::StrCat(", which travels in ", FieldName(own)), ", got ", elements));
    }
    if (field == own && elements != count) {
      return absl::InvalidArgumentError(absl::StrCat(FieldName(field), ": expected ", count,
                                                     " elements, the product of the shape, got ",
                                                     elements));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Span<const std::byte>> TypedContents::ToTensor(DType dtype, int64_t count) {
  CONVOY_RETURN_IF_ERROR(CheckElements(dtype, count));
  if (count == 0) return absl::Span<const std::byte>();
  // No overflow: as many elements have been counted in the message.
  const size_t bytes = static_cast<size_t>(count * SizeOf(dtype));
  if (bytes > kMaxBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("inputs[0].contents: expected a tensor of at most ", kMaxBytes,
                     " bytes, got one of ", bytes, "; send larger ones in raw_input_contents"));
  }
  tensor_.resize(bytes);
  CONVOY_RETURN_IF_ERROR(WriteAs(parts_, dtype, tensor_.data()));
  return absl::MakeConstSpan(tensor_);
}

}  // namespace convoy::rpc
