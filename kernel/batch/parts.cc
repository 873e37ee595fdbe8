#include "kernel/batch/parts.h"

#include <algorithm>
#include <utility>

#include "kernel/batch/payload_cursor.h"

namespace convoy::batch {
namespace {

using layer::ActivationReach;

int64_t CeilDivide(int64_t value, int64_t by) { return (value + by - 1) / by; }

bool CutsSequences(const layer::Conv1D& layer) {
  const ActivationReach reach = layer.activation().reach();
  return layer.config().data_format == layer::DataFormat::kChannelsLast &&
         reach != ActivationReach::kSequence && reach != ActivationReach::kRequest;
}

// Walks over the payload and makes parts of it.
class Cutter {
 public:
  Cutter(const layer::Conv1D& layer, const Input& whole)
      : window_(layer.config().window),
        whole_(whole),
        frame_bytes_(layer.input_channels() * layer::SizeOf(whole.dtype)),
        cursor_(whole.payload) {}

  void AddSequences(int64_t count) {
    Input part = Like(whole_.shape.frames);
    part.shape.sequences = count;
    part.shape.length = whole_.shape.length;
    cursor_.Take(static_cast<size_t>(count * part.shape.length * frame_bytes_), part.payload);
    parts_.push_back(std::move(part));
  }

  // The output frames [first, first + count) of the sequence whose payload begins
  // at frame `sequence` of the whole.
  void AddFrames(int64_t sequence, int64_t first, int64_t count) {
    const int64_t begin = first * window_.strides - whole_.shape.frames.pad_left;
    const int64_t end = begin + (count - 1) * window_.strides + window_.extent();
    const int64_t from = std::clamp<int64_t>(begin, 0, whole_.shape.length);
    const int64_t to = std::clamp<int64_t>(end, from, whole_.shape.length);
    const int64_t window = end - begin;
    Input part = Like({count, std::clamp<int64_t>(-begin, 0, window),
                       std::clamp<int64_t>(end - whole_.shape.length, 0, window)});
    part.shape.sequences = 1;
    part.shape.length = to - from;
    cursor_.Skip(static_cast<size_t>((sequence + from - position_) * frame_bytes_));
    position_ = sequence + from;
    PayloadCursor cursor = cursor_;  // the next part may begin before the end of this one
    cursor.Take(static_cast<size_t>(part.shape.length * frame_bytes_), part.payload);
    parts_.push_back(std::move(part));
  }

  std::vector<Input> Take() { return std::move(parts_); }

 private:
  Input Like(const layer::Frames& frames) const {
    Input part;
    part.dtype = whole_.dtype;
    part.shape.frames = frames;
    return part;
  }

  const layer::Window& window_;
  const Input& whole_;
  const int64_t frame_bytes_;
  PayloadCursor cursor_;
  int64_t position_ = 0;  // of cursor_, in frames
  std::vector<Input> parts_;
};

}  // namespace

std::vector<Input> Cut(const layer::Conv1D& layer, const Input& whole, int64_t parts) {
  const layer::InputShape& shape = whole.shape;
  const bool whole_only = layer.activation().reach() == ActivationReach::kRequest ||
                          shape.sequences == 0 || shape.length == 0 || shape.frames.output == 0;
  if (parts == 1 || whole_only) return {whole};
  Cutter cutter(layer, whole);
  if (shape.sequences >= parts || !CutsSequences(layer)) {
    const int64_t together = CeilDivide(shape.sequences, parts);
    for (int64_t n = 0; n < shape.sequences; n += together) {
      cutter.AddSequences(std::min(together, shape.sequences - n));
    }
    return cutter.Take();
  }
  const int64_t together = FramesOfPart(shape, parts);
  for (int64_t n = 0; n < shape.sequences; ++n) {
    for (int64_t o = 0; o < shape.frames.output; o += together) {
      cutter.AddFrames(n * shape.length, o, std::min(together, shape.frames.output - o));
    }
  }
  return cutter.Take();
}

int64_t FramesOfPart(const layer::InputShape& shape, int64_t parts) {
  return CeilDivide(shape.frames.output, CeilDivide(parts, shape.sequences));
}

Output Join(std::vector<Output> parts) {
  Output whole = std::move(parts.front());
  whole.rest.assign(std::make_move_iterator(parts.begin() + 1),
                    std::make_move_iterator(parts.end()));
  return whole;
}

}  // namespace convoy::batch
