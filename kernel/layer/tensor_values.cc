#include "kernel/layer/tensor_values.h"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/python_tuple.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::layer {
namespace {

template <typename Element>
std::vector<Element> Elements(const Tensor& tensor) {
  std::vector<Element> elements(tensor.data.size() / sizeof(Element));
  if (!elements.empty()) std::memcpy(elements.data(), tensor.data.data(), tensor.data.size());
  return elements;
}

template <typename To>
std::vector<To> Values(const Tensor& tensor) {
  if (tensor.dtype == DType::kFloat64) {
    const std::vector<double> doubles = Elements<double>(tensor);
    return std::vector<To>(doubles.begin(), doubles.end());
  }
  std::vector<float> floats;
  if (tensor.dtype == DType::kFloat32) {
    floats = Elements<float>(tensor);
  } else {
    const std::vector<uint16_t> bits = Elements<uint16_t>(tensor);
    floats.resize(bits.size());
    (tensor.dtype == DType::kFloat16 ? WidenFloat16 : WidenBfloat16)(bits, absl::MakeSpan(floats));
  }
  if constexpr (std::is_same_v<To, float>) return floats;
  return std::vector<To>(floats.begin(), floats.end());
}

// Calls `store` with every value rounded to `dtype` as its bits.
template <typename Store>
void Convert(DType dtype, absl::Span<const double> values, Store store) {
  for (const double value : values) {
    if (dtype == DType::kFloat64) {
      store(value);
    } else if (dtype == DType::kFloat32) {
      store(static_cast<float>(value));
    } else {
      store(dtype == DType::kFloat16 ? DoubleToFloat16(value) : DoubleToBfloat16(value));
    }
  }
}

}  // namespace

absl::Status CheckShape(const Tensor& tensor, std::string_view name,
                        absl::Span<const int64_t> expected_shape) {
  if (tensor.dtype < DType::kFloat16) {
    return absl::InvalidArgumentError(absl::StrCat("weights: expected `", std::string(name),
                                                   "` of a float dtype, got ",
                                                   std::string(KerasName(tensor.dtype)), "."));
  }
  if (absl::MakeConstSpan(tensor.shape) != expected_shape) {
    return absl::InvalidArgumentError(absl::StrCat("weights: expected `", std::string(name),
                                                   "` of shape ", PythonTuple(expected_shape),
                                                   ", got ", PythonTuple(tensor.shape), "."));
  }
  std::optional<int64_t> elements = 1;
  for (const int64_t dimension : expected_shape) {
    if (elements.has_value()) elements = CheckedMultiply(*elements, dimension);
  }
  if (elements.has_value() && *elements <= kMaxVariableElements) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("weights: expected `", std::string(name), "` of at most ", kMaxVariableElements,
                   " elements, got the shape ", PythonTuple(tensor.shape), "."));
}

absl::Status CheckBytes(const Tensor& tensor, std::string_view name) {
  int64_t bytes = SizeOf(tensor.dtype);
  for (const int64_t dimension : tensor.shape) bytes *= dimension;
  if (static_cast<int64_t>(tensor.data.size()) == bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("weights: expected ", bytes, " bytes of `",
                                                 std::string(name), "`, got ", tensor.data.size(),
                                                 "."));
}

std::vector<double> ToDoubles(const Tensor& tensor) { return Values<double>(tensor); }

std::vector<float> ToFloats(const Tensor& tensor) { return Values<float>(tensor); }

std::vector<double> ComputeDoubles(const Tensor& variable, const DTypePolicy& policy) {
  std::vector<double> values = ToDoubles(variable);
  RoundTo(policy.variable_dtype, absl::MakeSpan(values));
  RoundTo(policy.compute_dtype, absl::MakeSpan(values));
  return values;
}

std::vector<float> ComputeFloats(const Tensor& variable, const DTypePolicy& policy) {
  std::vector<float> values = ToFloats(variable);
  RoundTo(policy.variable_dtype, absl::MakeSpan(values));
  RoundTo(policy.compute_dtype, absl::MakeSpan(values));
  return values;
}

Tensor FromDoubles(DType dtype, std::vector<int64_t> shape, absl::Span<const double> values) {
  Tensor tensor{.dtype = dtype, .shape = std::move(shape)};
  tensor.data.resize(values.size() * SizeOf(dtype));
  std::byte* next = tensor.data.data();
  Convert(dtype, values, [&](auto element) {
    std::memcpy(next, &element, sizeof(element));
    next += sizeof(element);
  });
  return tensor;
}

void RoundTo(DType dtype, absl::Span<double> values) {
  if (dtype == DType::kFloat64) return;
  for (double& value : values) {
    if (dtype == DType::kFloat32) {
      value = static_cast<float>(value);
    } else if (dtype == DType::kFloat16) {
      value = Float16ToFloat(DoubleToFloat16(value));
    } else {
      value = Bfloat16ToFloat(DoubleToBfloat16(value));
    }
  }
}

}  // namespace convoy::layer
