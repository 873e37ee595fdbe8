#include "kernel/layer/activation.h"

#include <array>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::layer {
namespace {

constexpr AxisSet kLastAxis = 1 << 2;

struct Named {
  std::string_view name;
  Activation activation;
};

constexpr Activation OfKind(ActivationKind kind) { return Activation{.kind = kind}; }

// keras.activations: canonical names first, aliases after them.
constexpr std::array<Named, 32> kNamed = {{
    {"linear", OfKind(ActivationKind::kLinear)},
    {"relu", OfKind(ActivationKind::kRelu)},
    {"leaky_relu", {.kind = ActivationKind::kLeakyRelu, .negative_slope = 0.2}},
    {"relu6", OfKind(ActivationKind::kRelu6)},
    {"elu", OfKind(ActivationKind::kElu)},
    {"celu", OfKind(ActivationKind::kCelu)},
    {"selu", OfKind(ActivationKind::kSelu)},
    {"softplus", OfKind(ActivationKind::kSoftplus)},
    {"softsign", OfKind(ActivationKind::kSoftsign)},
    {"squareplus", OfKind(ActivationKind::kSquareplus)},
    {"soft_shrink", OfKind(ActivationKind::kSoftShrink)},
    {"hard_shrink", OfKind(ActivationKind::kHardShrink)},
    {"tanh_shrink", OfKind(ActivationKind::kTanhShrink)},
    {"sparse_plus", OfKind(ActivationKind::kSparsePlus)},
    {"silu", OfKind(ActivationKind::kSilu)},
    {"hard_silu", OfKind(ActivationKind::kHardSilu)},
    {"gelu", OfKind(ActivationKind::kGelu)},
    {"mish", OfKind(ActivationKind::kMish)},
    {"tanh", OfKind(ActivationKind::kTanh)},
    {"hard_tanh", OfKind(ActivationKind::kHardTanh)},
    {"sigmoid", OfKind(ActivationKind::kSigmoid)},
    {"log_sigmoid", OfKind(ActivationKind::kLogSigmoid)},
    {"sparse_sigmoid", OfKind(ActivationKind::kSparseSigmoid)},
    {"hard_sigmoid", OfKind(ActivationKind::kHardSigmoid)},
    {"exponential", OfKind(ActivationKind::kExponential)},
    {"softmax", {.kind = ActivationKind::kSoftmax, .axes = kLastAxis}},
    {"log_softmax", {.kind = ActivationKind::kLogSoftmax, .axes = kLastAxis}},
    {"sparsemax", {.kind = ActivationKind::kSparsemax, .axes = kLastAxis}},
    {"glu", {.kind = ActivationKind::kGlu, .axes = kLastAxis}},
    {"hard_sigmoid", OfKind(ActivationKind::kHardSigmoidKeras2)},
    {"swish", OfKind(ActivationKind::kSilu)},
    {"hard_swish", OfKind(ActivationKind::kHardSilu)},
}};

}  // namespace

absl::StatusOr<Activation> ActivationFromName(std::string_view name, int keras_major) {
  if (name == "threshold") {
    return absl::InvalidArgumentError(
        "threshold() missing 2 required positional arguments: 'threshold' and 'default_value'");
  }
  if (name == "hard_sigmoid" && keras_major == 2) return OfKind(ActivationKind::kHardSigmoidKeras2);
  for (const Named& named : kNamed) {
    if (named.name == name) return named.activation;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("Could not interpret activation function identifier: ", std::string(name)));
}

std::string_view ActivationName(const Activation& activation) {
  if (activation.kind == ActivationKind::kGeneralRelu) return "relu";
  for (const Named& named : kNamed) {
    if (named.activation.kind == activation.kind) return named.name;
  }
  return "prelu";
}

bool IsElementwise(const Activation& activation) {
  return activation.kind < ActivationKind::kPRelu;
}

}  // namespace convoy::layer
