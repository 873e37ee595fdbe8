#include "kernel/batch/placement_writer.h"

#include <algorithm>

namespace convoy::batch {
namespace {

SequenceFrames FramesOf(const layer::InputShape& shape, int64_t room) {
  SequenceFrames frames;
  frames.zeros_before = std::min(shape.frames.pad_left, room);
  frames.copied = std::min(shape.length, room - frames.zeros_before);
  frames.zeros_after = room - frames.zeros_before - frames.copied;
  return frames;
}

}  // namespace

PlacementWriter::PlacementWriter(const PackedSource& source, const Input& input,
                                 const Placement& placement)
    : channels_first_(source.layer.config().data_format == layer::DataFormat::kChannelsFirst),
      channels_(source.layer.input_channels()),
      room_(placement.output_pitch * source.layer.config().window.strides),
      frames_(FramesOf(input.shape, room_)),
      end_((placement.first_output + placement.sequences * placement.output_pitch) *
           source.layer.config().window.strides),
      reader_(source.layer, input, source.pool),
      position_(placement.first_output * source.layer.config().window.strides),
      target_(source.floats + position_ * channels_) {}

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
    reader_.EndSequence();
  }
}

void PlacementWriter::WriteZeros(int64_t count) {
  std::fill_n(target_, count * channels_, 0.0f);
  Advance(count);
}

void PlacementWriter::WritePayload(int64_t count) {
  reader_.Read(target_, count);
  Advance(count);
}

void PlacementWriter::Advance(int64_t count) {
  target_ += count * channels_;
  position_ += count;
  at_ += count;
}

}  // namespace convoy::batch
