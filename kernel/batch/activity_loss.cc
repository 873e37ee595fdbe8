#include "kernel/batch/activity_loss.h"

#include "kernel/base/status_macros.h"
#include "kernel/layer/regularizer.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::batch {

absl::StatusOr<double> ActivityLoss(const layer::Conv1D& layer, const std::array<int64_t, 3>& shape,
                                    const Output& output) {
  const auto& regularizer = layer.config().activity_regularizer;
  if (!regularizer.has_value()) return 0.0;
  layer::Tensor answer{layer.output_dtype(), {shape.begin(), shape.end()}, {}};
  ForEachPiece(output, [&](const Bytes& piece, const BufferRef&) {
    answer.data.insert(answer.data.end(), piece.begin(), piece.end());
  });
  CONVOY_ASSIGN_OR_RETURN(const double penalty,
                          layer::Penalty(*regularizer, shape, layer::ToDoubles(answer)));
  return shape[0] == 0 ? 0.0 : penalty / static_cast<double>(shape[0]);
}

}  // namespace convoy::batch
