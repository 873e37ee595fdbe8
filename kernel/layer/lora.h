// LoRA, low-rank adaptation of a kernel.
#ifndef CONVOY_KERNEL_LAYER_LORA_H_
#define CONVOY_KERNEL_LAYER_LORA_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/dtype.h"
#include "kernel/layer/weights.h"

namespace convoy::layer {

// layer.enable_lora(rank, lora_alpha, a_initializer, b_initializer): sets the
// layer's lora_rank and lora_alpha and makes both factors, in float32.
struct LoraOptions {
  int64_t rank = 0;
  std::optional<double> alpha;               // none: rank
  std::optional<Initializer> a_initializer;  // none: he_uniform
  std::optional<Initializer> b_initializer;  // none: zeros
};

//   INVALID_ARGUMENT     the rank is not positive.
//   FAILED_PRECONDITION  a kernel constraint, or LoRA already enabled; Keras'
//                        words. Nothing is changed.
absl::Status EnableLora(const LoraOptions& options, Conv1DConfig& config, Conv1DWeights& weights);

// kernel + alpha / rank * (a . b), in place, each step rounded as Keras does it:
// a mixed policy multiplies the factors in its compute dtype, every other (float64
// too) in float32. The sum is left for the caller to round. `kernel` is (K, C / groups, F)
// flattened, `a` (K * C / groups, rank), `b` (rank, F).
void AddLora(double scale, const DTypePolicy& policy, int64_t rank, absl::Span<const double> a,
             absl::Span<const double> b, absl::Span<double> kernel);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_LORA_H_
