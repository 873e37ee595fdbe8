// How large tasks are cut so that others get their turn between the parts.
#ifndef CONVOY_SERVER_BATCHING_PARTS_FOR_TURNS_H_
#define CONVOY_SERVER_BATCHING_PARTS_FOR_TURNS_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batching {

// Into how many parts a task of `shape` is to be cut: as many as make a part no
// longer than `turn_seconds`, or fewer where the parts would together take much
// longer than the whole, because each of them reads the layer's whole kernel, and
// for `overlap_seconds` frames that its neighbour reads too. `estimate` gives the
// seconds of a shape. At least 1.
int64_t PartsForTurns(const layer::InputShape& shape, double turn_seconds, double overlap_seconds,
                      absl::FunctionRef<double(const layer::InputShape&)> estimate);

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_PARTS_FOR_TURNS_H_
