// What a run takes beside its tiles.
#ifndef CONVOY_KERNEL_ENGINE_RUN_COSTS_H_
#define CONVOY_KERNEL_ENGINE_RUN_COSTS_H_

#include "kernel/engine/direct_convolution.h"

namespace convoy::engine {

// In seconds, on one thread; rough where nothing was measured.
struct RunCosts {
  double direct_work = 0.5e-9;  // of a multiply-accumulate of DirectConvolution
  double answer_frame = 20e-9;  // of an output frame: roundings, activation, copies
};

// Measured on the calling thread, in about a millisecond; more where a tap of the
// kernel takes longer.
RunCosts MeasureRunCosts(const DirectConvolution& convolution);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_RUN_COSTS_H_
