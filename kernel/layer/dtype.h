// Element types of tensors, and the names other formats give them.
#ifndef CONVOY_KERNEL_LAYER_DTYPE_H_
#define CONVOY_KERNEL_LAYER_DTYPE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace convoy::layer {

enum class DType : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat16,
  kBfloat16,
  kFloat32,
  kFloat64,
};

// Bytes of one element.
int64_t SizeOf(DType dtype);

// Keras' name: "float32", "bfloat16", "int32", "bool".
std::string_view KerasName(DType dtype);
std::optional<DType> FromKerasName(std::string_view name);

// The Open Inference Protocol's name: "FP32", "BF16", "INT32", "BOOL".
std::string_view ProtocolName(DType dtype);
std::optional<DType> FromProtocolName(std::string_view name);

// The name in a safetensors header: "F32", "BF16", "I32", "BOOL".
std::optional<DType> FromSafetensorsName(std::string_view name);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_DTYPE_H_
