// Makes answers of convolution results where a reference to them is not enough.
#ifndef CONVOY_KERNEL_BATCH_FINISH_H_
#define CONVOY_KERNEL_BATCH_FINISH_H_

#include <cstdint>

#include "absl/types/span.h"
#include "kernel/batch/output.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// Whether the layer's answers need Finish: it rounds between its steps, or its
// activation looks at more than one element. Otherwise the activation may be
// applied in place to any run of results, and LocateOutput is enough.
bool NeedsFinish(const layer::Conv1D& layer);

// The answer to a request whose sequences' convolutions begin at frames
// `targets` of `results`, which holds (frames, F): rounds, adds the bias where
// Conv1D::rounds_before_bias, rounds, applies the activation, rounds to the output dtype and
// brings it into the layer's data_format. The source of the order is the class
// comment of Conv1D.
// REQUIRES: NeedsFinish(layer); Real is double iff layer.uses_double().
template <typename Real>
Output Finish(const layer::Conv1D& layer, const layer::InputShape& shape,
              absl::Span<const int64_t> targets, const Real* results, BufferPool& pool);

// The most that Finish allocates for such a request, its answer included.
// REQUIRES: as Finish.
int64_t FinishBytes(const layer::Conv1D& layer, const layer::InputShape& shape);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_FINISH_H_
