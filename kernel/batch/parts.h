// Cuts a large request into smaller ones, and joins their answers.
#ifndef CONVOY_KERNEL_BATCH_PARTS_H_
#define CONVOY_KERNEL_BATCH_PARTS_H_

#include <cstdint>
#include <vector>

#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// Cuts `whole` into about `parts` requests, in order: between sequences, and
// within a sequence between output frames where the layout and the activation
// allow it (channels_last, an activation that looks at one frame at a time). The
// input frames that two parts share are in both. Returns one request, the whole,
// where nothing can be cut.
//
// A part is an ordinary request whose `shape.frames` need not be those of a
// sequence of its length. It refers to the payload of `whole`.
// REQUIRES: parts >= 1.
std::vector<Input> Cut(const layer::Conv1D& layer, const Input& whole, int64_t parts);

// Output frames of each part where Cut cuts within sequences; the last part of a
// sequence may have fewer.
// REQUIRES: 1 <= shape.sequences < parts.
int64_t FramesOfPart(const layer::InputShape& shape, int64_t parts);

// The answer to the whole, of the answers to its parts in their order.
// REQUIRES: at least one part.
Output Join(std::vector<Output> parts);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_PARTS_H_
