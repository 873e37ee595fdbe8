// Where each sequence of a batch lies on one shared time axis.
//
// Sequences lie end to end, each with its own explicit zeros:
//
//   frames   |00 xxxxxxxx 0|.|00 xxxxx 0|.|00 xxxxxxxxxxx 0|
//             pl  length  pr  ^ alignment to the stride
//
// and one `valid` convolution over all of it gives every sequence's outputs,
// at output position first_frame / strides, plus windows that straddle two
// sequences and are thrown away. No kept window sees a neighbour's frame.
#ifndef CONVOY_KERNEL_BATCH_PACKING_H_
#define CONVOY_KERNEL_BATCH_PACKING_H_

#include <cstdint>
#include <vector>

#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// The sequences of one request: equal lengths, equal distances.
struct Placement {
  int64_t sequences = 0;
  layer::Frames frames;
  // First output position of the first sequence, and from one sequence to the
  // next. Multiplied by the strides they are source frames.
  int64_t first_output = 0;
  int64_t output_pitch = 0;
};

// From the start of a sequence with `outputs` output frames to that of the next:
// all its windows, of `extent` frames each, then up to the next multiple of the
// stride. The packing rule: whoever computes on packed frames asks here.
// REQUIRES: outputs >= 1.
inline int64_t OutputPitch(int64_t extent, int64_t strides, int64_t outputs) {
  // ((outputs - 1) * strides + extent) / strides, rounded up without the sum, which
  // a long stride would overflow.
  return outputs + (extent - 1) / strides;
}
inline int64_t OutputPitch(const layer::Window& window, int64_t outputs) {
  return OutputPitch(window.extent(), window.strides, outputs);
}

// The placements of a batch. Positions are in output frames: source frame =
// output position * strides.
//
// Not thread-safe. Reusable: Reset keeps the memory.
class Packing {
 public:
  Packing() = default;
  explicit Packing(const layer::Window& window) : window_(window) {}

  // Empties the batch and takes another layer's window.
  void Reset(const layer::Window& window) {
    window_ = window;
    placements_.clear();
    outputs_ = 0;
  }

  // Appends a request's sequences.
  // REQUIRES: `shape` came from Conv1D::CheckInput of the same window.
  void Add(const layer::InputShape& shape);

  const std::vector<Placement>& placements() const { return placements_; }

  // Output positions from the first sequence to the end of the last one,
  // straddling windows included.
  int64_t outputs() const { return outputs_; }

 private:
  layer::Window window_;
  std::vector<Placement> placements_;
  int64_t outputs_ = 0;
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_PACKING_H_
