#include "kernel/batch/copy_in.h"

#include <algorithm>

#include "kernel/batch/payload_cursor.h"
#include "kernel/batch/transpose.h"

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
void CopyChannelsFirst(PayloadCursor& cursor, int64_t channels, int64_t length, int64_t copied,
                       float* target, std::vector<float>& scratch) {
  const size_t bytes = static_cast<size_t>(channels * length) * sizeof(float);
  const std::byte* source = cursor.Contiguous(bytes, alignof(float));
  if (source == nullptr) {
    scratch.resize(static_cast<size_t>(channels * length));
    cursor.Read(reinterpret_cast<std::byte*>(scratch.data()), bytes);
    source = reinterpret_cast<const std::byte*>(scratch.data());
  }
  Transpose(reinterpret_cast<const float*>(source), channels, copied, length, target, channels);
}

// Every sequence of `input` in turn, `frames` each, from `target` on.
void CopySequences(const layer::Conv1D& layer, const Input& input, const SequenceFrames& frames,
                   float* target, std::vector<float>& scratch) {
  const int64_t channels = layer.input_channels();
  const size_t frame_bytes = static_cast<size_t>(channels) * sizeof(float);
  const bool channels_first = layer.config().data_format == layer::DataFormat::kChannelsFirst;
  PayloadCursor cursor(input.payload);
  for (int64_t n = 0; n < input.shape.sequences; ++n) {
    target = std::fill_n(target, frames.zeros_before * channels, 0.0f);
    if (frames.copied == 0) {
      cursor.Skip(frames.skipped * frame_bytes);
    } else if (channels_first) {
      CopyChannelsFirst(cursor, channels, input.shape.length, frames.copied, target, scratch);
    } else {
      cursor.Read(reinterpret_cast<std::byte*>(target), frames.copied * frame_bytes);
      cursor.Skip(frames.skipped * frame_bytes);
    }
    target += frames.copied * channels;
    target = std::fill_n(target, frames.zeros_after * channels, 0.0f);
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

void CopyFrames(const layer::Conv1D& layer, const Input& input, float* frames,
                std::vector<float>& scratch) {
  CopySequences(layer, input, SequenceFrames{0, input.shape.length, 0, 0}, frames, scratch);
}

}  // namespace convoy::batch
