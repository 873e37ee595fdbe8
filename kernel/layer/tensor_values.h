// Tensors as numbers, whatever their float dtype.
#ifndef CONVOY_KERNEL_LAYER_TENSOR_VALUES_H_
#define CONVOY_KERNEL_LAYER_TENSOR_VALUES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/layer/dtype_policy.h"
#include "kernel/layer/tensor.h"

namespace convoy::layer {

// Of one variable: far beyond those that people train. A file with a wrong number in
// it is refused before anything of that size is made.
inline constexpr int64_t kMaxVariableElements = int64_t{1} << 28;  // 1 GiB of float32

// Checks a weight's dtype, a float one, and its shape, which holds at most
// kMaxVariableElements. `name` is for the message.
//   INVALID_ARGUMENT  names the tensor, expected and got.
absl::Status CheckShape(const Tensor& tensor, std::string_view name,
                        absl::Span<const int64_t> expected_shape);

// Checks that a weight has as many bytes as its dtype and shape say.
//   INVALID_ARGUMENT  names the tensor, expected and got.
// REQUIRES: CheckShape accepts it.
absl::Status CheckBytes(const Tensor& tensor, std::string_view name);

// The values of a tensor of any float dtype, exactly.
// REQUIRES: CheckBytes accepts the tensor.
std::vector<double> ToDoubles(const Tensor& tensor);
// As float, rounded once where the tensor is float64.
std::vector<float> ToFloats(const Tensor& tensor);

// A variable's values as a call reads them: rounded to the variable dtype, then to
// the compute dtype. The second form is for variables narrower than float64.
std::vector<double> ComputeDoubles(const Tensor& variable, const DTypePolicy& policy);
std::vector<float> ComputeFloats(const Tensor& variable, const DTypePolicy& policy);

// A tensor of a float dtype, each value rounded once.
Tensor FromDoubles(DType dtype, std::vector<int64_t> shape, absl::Span<const double> values);

// Rounds every value to the nearest one of a float dtype, in place.
void RoundTo(DType dtype, absl::Span<double> values);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_TENSOR_VALUES_H_
