// What one caller brings to a batch.
#ifndef CONVOY_KERNEL_BATCH_INPUT_H_
#define CONVOY_KERNEL_BATCH_INPUT_H_

#include "absl/container/inlined_vector.h"
#include "kernel/batch/bytes.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/dtype.h"

namespace convoy::batch {

// A tensor as it came over the wire: checked, not yet copied.
struct Input {
  layer::InputShape shape;
  // The dtype of the payload's elements.
  layer::DType dtype = layer::DType::kFloat32;
  // The payload's pieces in order, together sequences * length * channels
  // elements in the layer's data_format. Pieces may split an element.
  absl::InlinedVector<Bytes, 2> payload;
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_INPUT_H_
