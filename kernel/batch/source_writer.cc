#include "kernel/batch/source_writer.h"

#include <algorithm>

namespace convoy::batch {

SourceWriter::SourceWriter(const layer::Conv1D& layer, absl::Span<const Input* const> inputs,
                           const Packing& packing, float* packed, std::vector<float>& scratch)
    : layer_(layer),
      inputs_(inputs),
      packing_(packing),
      packed_(packed),
      scratch_(scratch),
      written_(packing.outputs() * layer.config().window.strides) {
  NextInput();
}

void SourceWriter::NextInput() {
  writer_.reset();
  while (next_ < inputs_.size() && packing_.placements()[next_].output_pitch == 0) ++next_;
  if (next_ == inputs_.size()) return;
  writer_.emplace(layer_, *inputs_[next_], packing_.placements()[next_], packed_, scratch_);
  ++next_;
}

void SourceWriter::WriteUntil(int64_t frame) {
  while (writer_.has_value()) {
    writer_->WriteUntil(frame);
    if (frame < writer_->end()) return;
    NextInput();
  }
  if (frame <= written_) return;
  const int64_t channels = layer_.input_channels();
  std::fill(packed_ + written_ * channels, packed_ + frame * channels, 0.0f);
  written_ = frame;
}

}  // namespace convoy::batch
