// The activations as Keras' documents define them, in double.
//
// Slow and obvious, and written apart from kernel/layer: a wrong formula there
// shows in every test that compares with these.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_REFERENCE_ACTIVATION_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_REFERENCE_ACTIVATION_H_

#include <array>
#include <cstdint>
#include <vector>

#include "kernel/layer/activation.h"
#include "kernel/layer/conv1d.h"

namespace convoy::testing {

// f(x). REQUIRES: IsElementwise(activation).
double ReferenceElementwise(const layer::Activation& activation, double x);

// A tensor of `shape`, (N, T, F) or (N, F, T) as `layer` has it, activated; half
// as long in its last axis after a glu.
std::vector<double> ReferenceActivate(const layer::Conv1D& layer,
                                      const std::array<int64_t, 3>& shape,
                                      const std::vector<double>& given);

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_REFERENCE_ACTIVATION_H_
