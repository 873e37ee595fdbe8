#include "kernel/layer/constraint.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/python_tuple.h"

namespace convoy::layer {
namespace {

// keras.config.epsilon().
constexpr double kEpsilon = 1e-7;
constexpr double kTolerance = 1e-4;

// What a weight is multiplied by when the norm over its axes is `norm`.
double Factor(const Constraint& constraint, double norm) {
  const auto clip = [&](double low) { return std::min(std::max(norm, low), constraint.max_value); };
  switch (constraint.kind) {
    case ConstraintKind::kMaxNorm:
      return clip(0.0) / (kEpsilon + norm);
    case ConstraintKind::kUnitNorm:
      return 1.0 / (kEpsilon + norm);
    case ConstraintKind::kMinMaxNorm:
      return (constraint.rate * clip(constraint.min_value) + (1.0 - constraint.rate) * norm) /
             (kEpsilon + norm);
    case ConstraintKind::kNonNeg:
    case ConstraintKind::kAbstract:
      break;
  }
  return 1.0;  // those have no norm
}

// For every element the index of its group: its position without the axes that
// are summed over.
absl::StatusOr<std::vector<int64_t>> Groups(const Constraint& constraint,
                                            absl::Span<const int64_t> shape, size_t size) {
  const auto rank = static_cast<int64_t>(shape.size());
  std::vector<bool> summed(rank, constraint.axes.empty());
  for (const int64_t axis : constraint.axes) {
    if (axis < -rank || axis >= rank) {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " is out of bounds for array of dimension ", rank));
    }
    summed[axis < 0 ? axis + rank : axis] = true;
  }
  std::vector<int64_t> groups(size);
  for (size_t i = 0; i < size; ++i) {
    int64_t rest = static_cast<int64_t>(i), group = 0, weight = 1;
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      if (!summed[axis]) {
        group += rest % shape[axis] * weight;
        weight *= shape[axis];
      }
      rest /= shape[axis];
    }
    groups[i] = group;
  }
  return groups;
}

}  // namespace

absl::Status ApplyConstraint(const Constraint& constraint, absl::Span<const int64_t> shape,
                             absl::Span<double> values) {
  if (constraint.kind == ConstraintKind::kAbstract) return absl::OkStatus();
  if (constraint.kind == ConstraintKind::kNonNeg) {
    for (double& value : values) value = value < 0.0 ? 0.0 : value;
    return absl::OkStatus();
  }
  CONVOY_ASSIGN_OR_RETURN(const std::vector<int64_t> groups,
                          Groups(constraint, shape, values.size()));
  std::vector<double> factors(values.size(), 0.0);
  for (size_t i = 0; i < values.size(); ++i) factors[groups[i]] += values[i] * values[i];
  for (double& factor : factors) factor = Factor(constraint, std::sqrt(factor));
  for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[groups[i]];
  return absl::OkStatus();
}

absl::Status CheckConstraint(const Constraint& constraint, std::string_view tensor,
                             absl::Span<const int64_t> shape, absl::Span<const double> values) {
  std::vector<double> projected(values.begin(), values.end());
  CONVOY_RETURN_IF_ERROR(ApplyConstraint(constraint, shape, absl::MakeSpan(projected)));
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::fabs(value));
  for (size_t i = 0; i < values.size(); ++i) {
    const double change = std::fabs(projected[i] - values[i]);
    // Written so that NaN is refused.
    if (change <= kTolerance * largest) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("weights: `", std::string(tensor), "` breaks its constraint ",
                     constraint.keras_json, ": element ", i, " would move by ", change, "."));
  }
  return absl::OkStatus();
}

}  // namespace convoy::layer
