#include "client/tensor.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace convoy::client {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors travel little-endian and are used in place");

template <typename T>
T Load(const TensorView& tensor, int64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

double Bf16ToDouble(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

double Fp16ToDouble(uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  double magnitude;
  if (exponent == 0x1f) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(fraction + 0x400, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template <typename T>
std::string Convert(const TensorView& tensor) {
  const int64_t count = ElementCount(tensor);
  std::string bytes(count * sizeof(T), '\0');
  for (int64_t i = 0; i < count; ++i) {
    const T value = static_cast<T>(ElementAt(tensor, i));
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

}  // namespace

TensorView FloatView(absl::Span<const int64_t> shape, absl::Span<const float> values) {
  return {DType::kFp32,
          shape,
          {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}};
}

absl::StatusOr<int64_t> ByteSize(DType dtype, absl::Span<const int64_t> shape) {
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape: expected sizes of at least 0, got ", ShapeString(shape)));
    }
    empty |= size == 0;
  }
  if (empty) return 0;
  auto bytes = static_cast<int64_t>(DTypeSize(dtype));
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape: expected at most 2^63 - 1 bytes in all, got ", ShapeString(shape)));
    }
  }
  return bytes;
}

absl::Status CheckTensor(const TensorView& tensor) {
  const absl::StatusOr<int64_t> expected = ByteSize(tensor.dtype, tensor.shape);
  if (!expected.ok()) return expected.status();
  if (*expected != static_cast<int64_t>(tensor.bytes.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor: expected ", *expected, " bytes for ", DTypeName(tensor.dtype), " ",
                     ShapeString(tensor.shape), ", got ", tensor.bytes.size()));
  }
  return absl::OkStatus();
}

int64_t ElementCount(const TensorView& tensor) {
  return static_cast<int64_t>(tensor.bytes.size() / DTypeSize(tensor.dtype));
}

double ElementAt(const TensorView& tensor, int64_t index) {
  switch (tensor.dtype) {
    case DType::kBool:
      return Load<uint8_t>(tensor, index) != 0 ? 1 : 0;
    case DType::kUint8:
      return Load<uint8_t>(tensor, index);
    case DType::kUint16:
      return Load<uint16_t>(tensor, index);
    case DType::kUint32:
      return Load<uint32_t>(tensor, index);
    case DType::kUint64:
      return static_cast<double>(Load<uint64_t>(tensor, index));
    case DType::kInt8:
      return Load<int8_t>(tensor, index);
    case DType::kInt16:
      return Load<int16_t>(tensor, index);
    case DType::kInt32:
      return Load<int32_t>(tensor, index);
    case DType::kInt64:
      return static_cast<double>(Load<int64_t>(tensor, index));
    case DType::kFp16:
      return Fp16ToDouble(Load<uint16_t>(tensor, index));
    case DType::kBf16:
      return Bf16ToDouble(Load<uint16_t>(tensor, index));
    case DType::kFp32:
      return Load<float>(tensor, index);
    case DType::kFp64:
      return Load<double>(tensor, index);
  }
  return 0;
}

std::vector<float> ToFloats(const TensorView& tensor) {
  std::vector<float> values(ElementCount(tensor));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(ElementAt(tensor, static_cast<int64_t>(i)));
  }
  return values;
}

absl::StatusOr<Tensor> Cast(const TensorView& tensor, DType dtype) {
  Tensor cast{dtype, {tensor.shape.begin(), tensor.shape.end()}, ""};
  if (dtype == tensor.dtype) {
    cast.bytes = std::string(tensor.bytes);
  } else if (dtype == DType::kFp32) {
    cast.bytes = Convert<float>(tensor);
  } else if (dtype == DType::kFp64) {
    cast.bytes = Convert<double>(tensor);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("dtype: expected FP32 or FP64 to convert to, got ", DTypeName(dtype)));
  }
  return cast;
}

std::string ShapeString(absl::Span<const int64_t> shape) {
  const std::string sizes = absl::StrJoin(shape, ", ", [](std::string* out, int64_t size) {
    if (size == -1) {
      out->append("None");
    } else {
      absl::StrAppend(out, size);
    }
  });
  return absl::StrCat("(", sizes, shape.size() == 1 ? ",)" : ")");
}

}  // namespace convoy::client
