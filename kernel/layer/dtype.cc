#include "kernel/layer/dtype.h"

#include <array>

namespace convoy::layer {
namespace {

struct Names {
  DType dtype;
  int64_t size;
  std::string_view keras;
  std::string_view protocol;
  std::string_view safetensors;
};

// In the order of the enumeration.
constexpr std::array<Names, 13> kNames = {{
    {DType::kBool, 1, "bool", "BOOL", "BOOL"},
    {DType::kInt8, 1, "int8", "INT8", "I8"},
    {DType::kInt16, 2, "int16", "INT16", "I16"},
    {DType::kInt32, 4, "int32", "INT32", "I32"},
    {DType::kInt64, 8, "int64", "INT64", "I64"},
    {DType::kUint8, 1, "uint8", "UINT8", "U8"},
    {DType::kUint16, 2, "uint16", "UINT16", "U16"},
    {DType::kUint32, 4, "uint32", "UINT32", "U32"},
    {DType::kUint64, 8, "uint64", "UINT64", "U64"},
    {DType::kFloat16, 2, "float16", "FP16", "F16"},
    {DType::kBfloat16, 2, "bfloat16", "BF16", "BF16"},
    {DType::kFloat32, 4, "float32", "FP32", "F32"},
    {DType::kFloat64, 8, "float64", "FP64", "F64"},
}};

const Names& NamesOf(DType dtype) { return kNames[static_cast<size_t>(dtype)]; }

std::optional<DType> Find(std::string_view Names::*column, std::string_view name) {
  for (const Names& names : kNames) {
    if (names.*column == name) return names.dtype;
  }
  return std::nullopt;
}

}  // namespace

int64_t SizeOf(DType dtype) { return NamesOf(dtype).size; }

std::string_view KerasName(DType dtype) { return NamesOf(dtype).keras; }

std::optional<DType> FromKerasName(std::string_view name) { return Find(&Names::keras, name); }

std::string_view ProtocolName(DType dtype) { return NamesOf(dtype).protocol; }

std::optional<DType> FromProtocolName(std::string_view name) {
  return Find(&Names::protocol, name);
}

std::optional<DType> FromSafetensorsName(std::string_view name) {
  return Find(&Names::safetensors, name);
}

}  // namespace convoy::layer
