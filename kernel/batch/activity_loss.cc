#include "kernel/batch/activity_loss.h"

#include "kernel/layer/losses.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::batch {

absl::StatusOr<double> ActivityLoss(const layer::Conv1D& layer, const std::array<int64_t, 3>& shape,
                                    const Output& output) {
  if (!layer.config().activity_regularizer.has_value()) return 0.0;
  layer::Tensor answer{layer.output_dtype(), {shape.begin(), shape.end()}, {}};
  ForEachPiece(output, [&](const Bytes& piece, const BufferRef&) {
    answer.data.insert(answer.data.end(), piece.begin(), piece.end());
  });
  return layer::ActivityLoss(layer.config(), shape, layer::ToDoubles(answer));
}

}  // namespace convoy::batch
