// keras.constraints: projections that training applies to weights.
#ifndef CONVOY_KERNEL_LAYER_CONSTRAINT_H_
#define CONVOY_KERNEL_LAYER_CONSTRAINT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace convoy::layer {

enum class ConstraintKind : uint8_t {
  kMaxNorm,
  kNonNeg,
  kUnitNorm,
  kMinMaxNorm,
  kAbstract,  // the base class: leaves weights as they are
};

// Norms are over `axes` of the weight: with the default axis 0 a kernel is
// normalised over its taps only.
struct Constraint {
  ConstraintKind kind = ConstraintKind::kAbstract;
  double min_value = 0.0;
  double max_value = 0.0;
  double rate = 1.0;
  std::vector<int64_t> axes;
  // get_config() of this object, as JSON text.
  std::string keras_json;
};

// Projects `values`, a tensor of `shape`, in place.
//   INVALID_ARGUMENT  an axis that the shape lacks.
absl::Status ApplyConstraint(const Constraint& constraint, absl::Span<const int64_t> shape,
                             absl::Span<double> values);

// Refuses weights that the constraint would change by more than one part in
// 10^4 of their largest.
//   FAILED_PRECONDITION  names the tensor and the constraint.
absl::Status CheckConstraint(const Constraint& constraint, std::string_view tensor,
                             absl::Span<const int64_t> shape, absl::Span<const double> values);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONSTRAINT_H_
