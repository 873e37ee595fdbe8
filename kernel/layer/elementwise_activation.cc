#include "kernel/layer/elementwise_activation.h"

#include <cstddef>

#include "kernel/layer/formulas.h"

namespace convoy::layer {

CONVOY_MULTIVERSION void ApplyElementwise(const Activation& activation, absl::Span<float> values) {
  float* const data = values.data();
  const size_t size = values.size();
  WithFormula<float>(
      activation, [=](auto formula) __attribute__((always_inline)) {
        for (size_t i = 0; i < size; ++i) data[i] = formula(data[i]);
      });
}

void ApplyElementwise(const Activation& activation, absl::Span<double> values) {
  WithFormula<double>(activation, [=](auto formula) {
    for (double& value : values) value = formula(value);
  });
}

}  // namespace convoy::layer
