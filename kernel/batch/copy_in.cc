#include "kernel/batch/copy_in.h"

#include <algorithm>

#include "kernel/batch/payload_reader.h"
#include "kernel/batch/transpose.h"
#include "kernel/layer/reduced_precision.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::batch {
namespace {

// The frames of one sequence in the packed buffer, in order.
struct SequenceFrames {
  int64_t zeros_before = 0;
  int64_t copied = 0;   // from the payload
  int64_t skipped = 0;  // at the payload's end, seen by no window
  int64_t zeros_after = 0;
};

SequenceFrames FramesOf(const layer::InputShape& shape, int64_t room) {
  SequenceFrames frames;
  frames.zeros_before = std::min(shape.frames.pad_left, room);
  frames.copied = std::min(shape.length, room - frames.zeros_before);
  frames.skipped = shape.length - frames.copied;
  frames.zeros_after = room - frames.zeros_before - frames.copied;
  return frames;
}

// (C, T) to (T, C).
template <typename Real>
void CopyChannelsFirst(PayloadReader<Real>& reader, int64_t channels, int64_t length,
                       int64_t copied, Real* target, std::vector<Real>& scratch) {
  const Real* source = reader.Contiguous(channels * length);
  if (source == nullptr) {
    scratch.resize(static_cast<size_t>(channels * length));
    reader.Read(scratch.data(), channels * length);
    source = scratch.data();
  }
  Transpose(source, channels, copied, length, target, channels);
}

// Every sequence of `input` in turn, `frames` each, from `target` on.
template <typename Real>
void CopySequences(const layer::Conv1D& layer, const Input& input, const SequenceFrames& frames,
                   Real* target, std::vector<Real>& scratch) {
  const int64_t channels = layer.input_channels();
  const bool channels_first = layer.config().data_format == layer::DataFormat::kChannelsFirst;
  PayloadReader<Real> reader(input.payload, input.dtype);
  for (int64_t n = 0; n < input.shape.sequences; ++n) {
    target = std::fill_n(target, frames.zeros_before * channels, Real{0});
    if (frames.copied == 0) {
      reader.Skip(frames.skipped * channels);
    } else if (channels_first) {
      CopyChannelsFirst(reader, channels, input.shape.length, frames.copied, target, scratch);
    } else {
      reader.Read(target, frames.copied * channels);
      reader.Skip(frames.skipped * channels);
    }
    layer::RoundTo(layer.compute_dtype(), absl::MakeSpan(target, frames.copied * channels));
    target += frames.copied * channels;
    target = std::fill_n(target, frames.zeros_after * channels, Real{0});
  }
}

}  // namespace

void CopyIn(const layer::Conv1D& layer, const Input& input, const Placement& placement,
            float* packed, std::vector<float>& scratch) {
  const int64_t strides = layer.config().window.strides;
  const SequenceFrames frames = FramesOf(input.shape, placement.output_pitch * strides);
  float* target = packed + placement.first_output * strides * layer.input_channels();
  CopySequences(layer, input, frames, target, scratch);
}

template <typename Real>
void CopyFrames(const layer::Conv1D& layer, const Input& input, Real* frames) {
  std::vector<Real> scratch;
  CopySequences(layer, input, SequenceFrames{0, input.shape.length, 0, 0}, frames, scratch);
}

template void CopyFrames(const layer::Conv1D&, const Input&, float*);
template void CopyFrames(const layer::Conv1D&, const Input&, double*);

}  // namespace convoy::batch
