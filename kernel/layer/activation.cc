#include "kernel/layer/activation.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::layer {

absl::StatusOr<Activation> ActivationFromName(std::string_view name) {
  if (name == "linear") return Activation{.kind = ActivationKind::kLinear};
  if (name == "relu") return Activation{.kind = ActivationKind::kRelu};
  return absl::InvalidArgumentError(
      absl::StrCat("Could not interpret activation function identifier: ", std::string(name)));
}

std::string_view ActivationName(const Activation& activation) {
  return activation.kind == ActivationKind::kRelu ? "relu" : "linear";
}

void ApplyActivation(const Activation& activation, absl::Span<float> values) {
  if (activation.kind != ActivationKind::kRelu) return;
  // Written so that NaN fails the comparison and stays.
  for (float& value : values) value = value < 0.0f ? 0.0f : value;
}

}  // namespace convoy::layer
