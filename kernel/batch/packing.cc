#include "kernel/batch/packing.h"

namespace convoy::batch {

void Packing::Add(const layer::InputShape& shape) {
  Placement placement;
  placement.sequences = shape.sequences;
  placement.frames = shape.frames;
  placement.first_output = outputs_;
  if (shape.frames.output > 0) {
    // From one sequence's start to the next: all its windows, then up to the
    // next multiple of the stride. ((output - 1) * strides + extent) / strides,
    // rounded up without the sum, which a long stride would overflow.
    placement.output_pitch = shape.frames.output + (window_.extent() - 1) / window_.strides;
  }
  placements_.push_back(placement);
  outputs_ += placement.sequences * placement.output_pitch;
}

}  // namespace convoy::batch
