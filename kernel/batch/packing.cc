#include "kernel/batch/packing.h"

namespace convoy::batch {

void Packing::Add(const layer::InputShape& shape) {
  Placement placement;
  placement.sequences = shape.sequences;
  placement.frames = shape.frames;
  placement.first_output = outputs_;
  if (shape.frames.output > 0) {
    placement.output_pitch = OutputPitch(window_, shape.frames.output);
  }
  placements_.push_back(placement);
  outputs_ += placement.sequences * placement.output_pitch;
}

}  // namespace convoy::batch
