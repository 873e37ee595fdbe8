#include "kernel/layer/window.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/layer/checked_math.h"

namespace convoy::layer {
namespace {

absl::Status Overflow(int64_t length) {
  return absl::OutOfRangeError(absl::StrCat("shape: a sequence of ", length,
                                            " frames with its padding does not fit in 64 bits."));
}

// Frames of `same`: ceil(length / strides) outputs, the odd zero to the right.
absl::StatusOr<Frames> SameFrames(const Window& window, int64_t length) {
  Frames frames;
  if (length == 0) return frames;
  frames.output = (length - 1) / window.strides + 1;
  const int64_t last_start = (frames.output - 1) * window.strides;
  const int64_t padding = std::max<int64_t>(last_start - length + window.extent(), 0);
  frames.pad_left = padding / 2;
  frames.pad_right = padding - frames.pad_left;
  return frames;
}

// Frames of an input that is `pad_left` and `pad_right` zeros longer.
absl::StatusOr<Frames> ValidFrames(const Window& window, int64_t length, int64_t pad_left,
                                   int64_t pad_right) {
  const auto padded = CheckedAdd(length, pad_left, pad_right);
  if (!padded.has_value()) return Overflow(length);
  const int64_t extent = window.extent();
  if (*padded < extent) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Computed output size would be zero or negative: expected a sequence of at least ",
        extent - pad_left - pad_right, " frames, got ", length, "."));
  }
  return Frames{.output = (*padded - extent) / window.strides + 1,
                .pad_left = pad_left,
                .pad_right = pad_right};
}

}  // namespace

std::string_view PaddingName(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kSame:
      return "same";
    case PaddingMode::kCausal:
      return "causal";
    case PaddingMode::kExplicit:
      return "explicit";
    case PaddingMode::kValid:
      break;
  }
  return "valid";
}

bool Window::Fits() const {
  const auto taps = CheckedMultiply(dilation_rate, kernel_size - 1);
  if (!taps.has_value()) return false;
  // Room for the padding of both sides, whatever the mode.
  return CheckedAdd(*taps, *taps, 2).has_value() &&
         CheckedAdd(*taps, padding.left, padding.right, 1).has_value();
}

absl::StatusOr<Frames> Window::FramesFor(int64_t length) const {
  // Every sum of a mode below stays under length + 2 * extent.
  if (!CheckedAdd(length, extent(), extent()).has_value()) return Overflow(length);
  switch (padding.mode) {
    case PaddingMode::kSame:
      return SameFrames(*this, length);
    case PaddingMode::kCausal:
      if (length == 0) return Frames{};
      return ValidFrames(*this, length, extent() - 1, 0);
    case PaddingMode::kExplicit:
      return ValidFrames(*this, length, padding.left, padding.right);
    case PaddingMode::kValid:
      break;
  }
  return ValidFrames(*this, length, 0, 0);
}

}  // namespace convoy::layer
