// The activity regularizer's loss of one answer.
#ifndef CONVOY_KERNEL_BATCH_ACTIVITY_LOSS_H_
#define CONVOY_KERNEL_BATCH_ACTIVITY_LOSS_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "kernel/batch/output.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// What Keras adds to layer.losses when the layer answers `output`, a tensor of
// `shape` in the layer's output dtype: the penalty divided by the number of
// sequences, summed in double. 0 without an activity_regularizer.
//   INVALID_ARGUMENT  an OrthogonalRegularizer, in Keras' words.
absl::StatusOr<double> ActivityLoss(const layer::Conv1D& layer, const std::array<int64_t, 3>& shape,
                                    const Output& output);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_ACTIVITY_LOSS_H_
