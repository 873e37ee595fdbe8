// Copies a request's payload into its place in the packed source buffer.
#ifndef CONVOY_KERNEL_BATCH_COPY_IN_H_
#define CONVOY_KERNEL_BATCH_COPY_IN_H_

#include <cstdint>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/batch/request.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// Writes every frame of the request's sequences, [first, first + sequences *
// pitch) source frames: the zeros of the padding, the payload in (T, C) order,
// zeros up to the next sequence. This is the only copy of a payload; changes of
// layout and dtype, and the rounding to the layer's compute dtype, happen on the
// way.
//
// `packed` is the whole batch's source, (frames, channels) floats. `scratch` is
// the calling thread's own and keeps its memory; it is used for channels_first
// payloads that lie in pieces. Thread-safe for distinct placements.
void CopyIn(const layer::Conv1D& layer, const Input& input, const Placement& placement,
            float* packed, std::vector<float>& scratch);

// The same without padding and gaps: sequences * length frames of C values, in
// (T, C) order, to `frames`. Real is float, or double where the layer
// uses_double().
template <typename Real>
void CopyFrames(const layer::Conv1D& layer, const Input& input, Real* frames);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_COPY_IN_H_
