#include "kernel/batch/copy_in.h"

#include <algorithm>

#include "kernel/batch/transpose.h"
#include "kernel/layer/reduced_precision.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::batch {
namespace {

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

}  // namespace

PlacementWriter::PlacementWriter(const layer::Conv1D& layer, const Input& input,
                                 const Placement& placement, float* packed,
                                 std::vector<float>& scratch)
    : layer_(layer),
      input_(input),
      frames_(FramesOf(input.shape, placement.output_pitch * layer.config().window.strides)),
      room_(placement.output_pitch * layer.config().window.strides),
      channels_first_(layer.config().data_format == layer::DataFormat::kChannelsFirst),
      channels_(layer.input_channels()),
      end_((placement.first_output + placement.sequences * placement.output_pitch) *
           layer.config().window.strides),
      scratch_(scratch),
      reader_(input.payload, input.dtype),
      target_(packed + placement.first_output * layer.config().window.strides * channels_),
      position_(placement.first_output * layer.config().window.strides) {}

void PlacementWriter::WriteUntil(int64_t frame) {
  const int64_t payload_end = frames_.zeros_before + frames_.copied;
  for (const int64_t end = std::min(frame, end_); position_ < end;) {
    const int64_t wanted = end - position_;
    if (at_ < frames_.zeros_before) {
      WriteZeros(std::min(wanted, frames_.zeros_before - at_));
    } else if (at_ < payload_end) {
      WritePayload(channels_first_ ? frames_.copied : std::min(wanted, payload_end - at_));
    } else {
      WriteZeros(std::min(wanted, room_ - at_));
    }
    if (at_ < room_) continue;
    at_ = 0;
    if (!channels_first_ || frames_.copied == 0) reader_.Skip(frames_.skipped * channels_);
  }
}

void PlacementWriter::WriteZeros(int64_t count) {
  target_ = std::fill_n(target_, count * channels_, 0.0f);
  position_ += count;
  at_ += count;
}

void PlacementWriter::WritePayload(int64_t count) {
  if (channels_first_) {
    CopyChannelsFirst(reader_, channels_, input_.shape.length, count, target_, scratch_);
  } else {
    reader_.Read(target_, count * channels_);
  }
  layer::RoundTo(layer_.compute_dtype(), absl::MakeSpan(target_, count * channels_));
  target_ += count * channels_;
  position_ += count;
  at_ += count;
}

void CopyIn(const layer::Conv1D& layer, const Input& input, const Placement& placement,
            float* packed, std::vector<float>& scratch) {
  PlacementWriter writer(layer, input, placement, packed, scratch);
  writer.WriteUntil(writer.end());
}

template <typename Real>
void CopyFrames(const layer::Conv1D& layer, const Input& input, Real* frames) {
  const int64_t channels = layer.input_channels();
  const int64_t length = input.shape.length;
  const bool channels_first = layer.config().data_format == layer::DataFormat::kChannelsFirst;
  PayloadReader<Real> reader(input.payload, input.dtype);
  std::vector<Real> scratch;
  for (int64_t n = 0; n < input.shape.sequences && length > 0; ++n, frames += length * channels) {
    if (channels_first) {
      CopyChannelsFirst(reader, channels, length, length, frames, scratch);
    } else {
      reader.Read(frames, length * channels);
    }
    layer::RoundTo(layer.compute_dtype(), absl::MakeSpan(frames, length * channels));
  }
}

template void CopyFrames(const layer::Conv1D&, const Input&, float*);
template void CopyFrames(const layer::Conv1D&, const Input&, double*);

}  // namespace convoy::batch
