#include "kernel/layer/regularizer.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/layer/python_tuple.h"

namespace convoy::layer {
absl::StatusOr<double> Penalty(const Regularizer& regularizer, absl::Span<const int64_t> shape,
                               absl::Span<const double> values) {
  if (regularizer.kind == RegularizerKind::kOrthogonal) {
    return absl::InvalidArgumentError(
        absl::StrCat("Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=",
                     PythonTuple(shape)));
  }
  double absolute = 0.0, squares = 0.0;
  for (const double value : values) {
    absolute += std::fabs(value);
    squares += value * value;
  }
  // A factor of zero leaves its term out, also where the sum is infinite.
  double penalty = 0.0;
  if (regularizer.l1 != 0.0) penalty += regularizer.l1 * absolute;
  if (regularizer.l2 != 0.0) penalty += regularizer.l2 * squares;
  return penalty;
}

}  // namespace convoy::layer
