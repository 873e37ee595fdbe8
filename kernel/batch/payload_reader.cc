#include "kernel/batch/payload_reader.h"

#include <cstring>

#include "kernel/layer/reduced_precision.h"

namespace convoy::batch {
namespace {

template <typename Element, typename Real>
void WidenElements(const std::byte* bytes, int64_t count, Real* values) {
  for (int64_t i = 0; i < count; ++i) {
    Element element;
    std::memcpy(&element, bytes + i * sizeof(Element), sizeof(Element));
    values[i] = static_cast<Real>(element);
  }
}

template <float (*kToFloat)(uint16_t), typename Real>
void WidenHalves(const std::byte* bytes, int64_t count, Real* values) {
  for (int64_t i = 0; i < count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, bytes + i * sizeof(bits), sizeof(bits));
    values[i] = static_cast<Real>(kToFloat(bits));
  }
}

template <typename Real>
void WidenBooleans(const std::byte* bytes, int64_t count, Real* values) {
  for (int64_t i = 0; i < count; ++i) values[i] = bytes[i] == std::byte{0} ? Real{0} : Real{1};
}

}  // namespace

template <typename Real>
void Widen(layer::DType dtype, const std::byte* bytes, int64_t count, Real* values) {
  using layer::DType;
  switch (dtype) {
    case DType::kBool:
      return WidenBooleans(bytes, count, values);
    case DType::kInt8:
      return WidenElements<int8_t>(bytes, count, values);
    case DType::kInt16:
      return WidenElements<int16_t>(bytes, count, values);
    case DType::kInt32:
      return WidenElements<int32_t>(bytes, count, values);
    case DType::kInt64:
      return WidenElements<int64_t>(bytes, count, values);
    case DType::kUint8:
      return WidenElements<uint8_t>(bytes, count, values);
    case DType::kUint16:
      return WidenElements<uint16_t>(bytes, count, values);
    case DType::kUint32:
      return WidenElements<uint32_t>(bytes, count, values);
    case DType::kUint64:
      return WidenElements<uint64_t>(bytes, count, values);
    case DType::kFloat16:
      return WidenHalves<layer::Float16ToFloat>(bytes, count, values);
    case DType::kBfloat16:
      return WidenHalves<layer::Bfloat16ToFloat>(bytes, count, values);
    case DType::kFloat32:
      return WidenElements<float>(bytes, count, values);
    case DType::kFloat64:
      return WidenElements<double>(bytes, count, values);
  }
}

template void Widen<float>(layer::DType, const std::byte*, int64_t, float*);
template void Widen<double>(layer::DType, const std::byte*, int64_t, double*);

}  // namespace convoy::batch
