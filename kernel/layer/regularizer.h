// keras.regularizers: penalties on weights and outputs.
#ifndef CONVOY_KERNEL_LAYER_REGULARIZER_H_
#define CONVOY_KERNEL_LAYER_REGULARIZER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace convoy::layer {

enum class RegularizerKind : uint8_t {
  kL1L2,        // l1 * sum |w| + l2 * sum w^2; L1 and L2 alone are cases of it
  kOrthogonal,  // for matrices only: its loss on a Conv1D kernel is an error
  kAbstract,    // the base class, without a penalty
};

struct Regularizer {
  RegularizerKind kind = RegularizerKind::kL1L2;
  double l1 = 0.0;
  double l2 = 0.0;
  // get_config() of this object, as JSON text.
  std::string keras_json;
};

// The penalty of `values`, a tensor of `shape`.
//   INVALID_ARGUMENT  an OrthogonalRegularizer, because no tensor of a Conv1D is
//                     a matrix; Keras' words.
absl::StatusOr<double> Penalty(const Regularizer& regularizer, absl::Span<const int64_t> shape,
                               absl::Span<const double> values);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_REGULARIZER_H_
