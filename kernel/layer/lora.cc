#include "kernel/layer/lora.h"

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// Streams of the two factors, after kernel and bias.
constexpr uint64_t kStreamA = 2, kStreamB = 3;

Initializer HeUniform() {
  return Initializer{.kind = InitializerKind::kVarianceScaling,
                     .scale = 2.0,
                     .distribution = Distribution::kUniform};
}

}  // namespace

absl::Status EnableLora(const LoraOptions& options, Conv1DConfig& config, Conv1DWeights& weights) {
  if (config.kernel_constraint.has_value()) {
    return absl::FailedPreconditionError(
        "Lora is incompatible with kernel constraints. In order to enable lora on this layer, "
        "remove the `kernel_constraint` argument.");
  }
  if (config.lora_rank.has_value()) {
    return absl::FailedPreconditionError(
        "lora is already enabled. This can only be done once per layer.");
  }
  if (options.rank < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank: expected a positive number, got ", options.rank, "."));
  }
  std::vector<int64_t> a_shape = weights.kernel.shape;
  a_shape.back() = options.rank;
  const std::vector<int64_t> b_shape = {options.rank, config.filters};
  CONVOY_ASSIGN_OR_RETURN(
      const std::vector<double> a,
      Initialize(options.a_initializer.value_or(HeUniform()), a_shape, kStreamA));
  CONVOY_ASSIGN_OR_RETURN(
      const std::vector<double> b,
      Initialize(options.b_initializer.value_or(Initializer{}), b_shape, kStreamB));
  weights.lora_kernel_a = FromDoubles(DType::kFloat32, a_shape, a);
  weights.lora_kernel_b = FromDoubles(DType::kFloat32, b_shape, b);
  config.lora_rank = options.rank;
  config.lora_alpha = options.alpha;
  return absl::OkStatus();
}

void AddLora(double scale, const DTypePolicy& policy, int64_t rank, absl::Span<const double> a,
             absl::Span<const double> b, absl::Span<double> kernel) {
  const bool mixed = policy.compute_dtype != policy.variable_dtype;
  const DType step = mixed ? policy.compute_dtype : DType::kFloat32;
  std::vector<double> left(a.begin(), a.end()), right(b.begin(), b.end());
  RoundTo(step, absl::MakeSpan(left));
  RoundTo(step, absl::MakeSpan(right));
  RoundTo(step, absl::MakeSpan(&scale, 1));
  const auto filters = static_cast<int64_t>(b.size()) / rank;
  std::vector<double> row;
  const double* coefficients = left.data();
  for (size_t at = 0; at < kernel.size(); at += filters, coefficients += rank) {
    row.assign(filters, 0.0);
    for (int64_t r = 0; r < rank; ++r) {
      for (int64_t f = 0; f < filters; ++f) row[f] += coefficients[r] * right[r * filters + f];
    }
    RoundTo(step, absl::MakeSpan(row));
    for (double& value : row) value *= scale;
    RoundTo(step, absl::MakeSpan(row));
    for (int64_t f = 0; f < filters; ++f) kernel[at + f] += row[f];
  }
}

}  // namespace convoy::layer
