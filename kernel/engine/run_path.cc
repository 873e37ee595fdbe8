#include "kernel/engine/run_path.h"

#include <algorithm>

#include "kernel/batch/packing.h"

namespace convoy::engine {
namespace {

// Whether so many frames of zeros are too many to write.
bool AreMany(int64_t frames, const layer::Conv1D& layer) {
  constexpr int64_t kManyFrames = int64_t{1} << 16;
  constexpr int64_t kManyFloats = int64_t{1} << 20;
  return frames > kManyFrames || frames > kManyFloats / layer.input_channels();
}

// Whether zeros would outnumber the signal by far in the packed buffer (the padding
// of a dilation, or a stride, much longer than the sequence): materialising them
// would let a few bytes of request ask for gigabytes.
bool IsMostlyZeros(const layer::Conv1D& layer, const layer::InputShape& shape) {
  const layer::Window& window = layer.config().window;
  const int64_t packed = batch::OutputPitch(window, shape.frames.output) * window.strides;
  const int64_t zeros = packed - shape.length;
  return zeros / 8 > shape.length && AreMany(zeros, layer);
}

}  // namespace

bool NeedsDirect(const layer::Conv1D& layer) {
  if (layer.uses_double()) return true;
  const layer::Window& window = layer.config().window;
  // The longest tile reads about a thousand strides: fewer than 2^31 frames.
  return window.extent() > (int64_t{1} << 22) || window.strides > (int64_t{1} << 20);
}

bool MayRunDirect(const layer::Conv1D& layer) {
  const layer::Window& window = layer.config().window;
  return NeedsDirect(layer) || AreMany(window.extent() + window.strides, layer);
}

RunPath PathOf(const layer::Conv1D& layer, const layer::InputShape& shape) {
  if (NeedsDirect(layer)) return RunPath::kDirect;
  if (shape.frames.output == 0) return RunPath::kPacked;  // to nothing
  if (IsMostlyZeros(layer, shape)) return RunPath::kDirect;
  const bool needs_chunks =
      shape.sequences > 1 && shape.sequences > SequencesPerChunk(layer, shape);
  return needs_chunks ? RunPath::kChunks : RunPath::kPacked;
}

int64_t SequencesPerChunk(const layer::Conv1D& layer, const layer::InputShape& shape) {
  constexpr int64_t kMostFloats = int64_t{8} << 20;
  constexpr int64_t kMostSequences = 4096;
  const layer::Window& window = layer.config().window;
  const int64_t floats =
      batch::OutputPitch(window, shape.frames.output) * window.strides * layer.input_channels();
  return std::clamp<int64_t>(kMostFloats / std::max<int64_t>(floats, 1), 1, kMostSequences);
}

}  // namespace convoy::engine
