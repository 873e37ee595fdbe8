#include "kernel/batch/source_writer.h"

#include <algorithm>

#include "kernel/batch/payload_cursor.h"

namespace convoy::batch {

SourceWriter::SourceWriter(const PackedSource& source, absl::Span<const Input* const> inputs,
                           const Packing& packing)
    : source_(source),
      inputs_(inputs),
      packing_(packing),
      written_(packing.outputs() * source.layer.config().window.strides) {
  NextInput();
}

void SourceWriter::NextInput() {
  writer_.reset();
  while (next_ < inputs_.size() && packing_.placements()[next_].output_pitch == 0) ++next_;
  if (next_ == inputs_.size()) return;
  writer_.emplace(source_, *inputs_[next_], packing_.placements()[next_]);
  ++next_;
}

void SourceWriter::WriteUntil(int64_t frame) {
  while (writer_.has_value()) {
    writer_->WriteUntil(frame);
    if (frame < writer_->end()) return;
    NextInput();
  }
  if (frame <= written_) return;
  const int64_t channels = source_.layer.input_channels();
  std::fill(source_.floats + written_ * channels, source_.floats + frame * channels, 0.0f);
  written_ = frame;
}

const float* InPlace(const layer::Conv1D& layer, absl::Span<const Input* const> inputs,
                     const Packing& packing, int64_t frames) {
  if (inputs.size() != 1) return nullptr;
  const Input& input = *inputs[0];
  const layer::InputShape& shape = input.shape;
  const int64_t room = packing.placements()[0].output_pitch * layer.config().window.strides;
  const bool dense = shape.frames.pad_left == 0 && shape.frames.pad_right == 0 &&
                     (shape.sequences == 1 || room == shape.length);
  const bool as_is = input.dtype == layer::DType::kFloat32 &&
                     layer.compute_dtype() == layer::DType::kFloat32 &&
                     layer.config().data_format == layer::DataFormat::kChannelsLast;
  if (!dense || !as_is || shape.sequences * shape.length < frames) return nullptr;
  const size_t bytes = static_cast<size_t>(frames * layer.input_channels()) * sizeof(float);
  PayloadCursor cursor(input.payload);
  return reinterpret_cast<const float*>(cursor.Contiguous(bytes, alignof(float)));
}

}  // namespace convoy::batch
