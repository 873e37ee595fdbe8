#include "kernel/batch/locate_output.h"

#include <algorithm>
#include <utility>

#include "kernel/batch/transpose.h"

namespace convoy::batch {
namespace {

// More pieces than this cost the transport more than one copy.
constexpr size_t kMostPieces = 16;

Output Reference(int64_t sequence_floats, int64_t filters, absl::Span<const int64_t> targets,
                 const BufferRef& target) {
  Output output;
  output.buffer = target.Share();
  const size_t bytes = static_cast<size_t>(sequence_floats) * sizeof(float);
  for (int64_t frame : targets) {
    const std::byte* begin = target->data() + frame * filters * sizeof(float);
    // Sequences that lie end to end make one piece.
    if (!output.pieces.empty() && output.pieces.back().end() == begin) {
      const Bytes& last = output.pieces.back();
      output.pieces.back() = Bytes(last.data(), last.size() + bytes);
    } else {
      output.pieces.push_back(Bytes(begin, bytes));
    }
  }
  return output;
}

// The pieces of `scattered` end to end in a buffer of their own.
Output Gather(const Output& scattered, BufferPool& pool) {
  size_t bytes = 0;
  for (const Bytes& piece : scattered.pieces) bytes += piece.size();
  Output output;
  output.buffer = pool.Get(bytes);
  std::byte* to = output.buffer->data();
  for (const Bytes& piece : scattered.pieces) to = std::copy(piece.begin(), piece.end(), to);
  output.pieces.push_back(Bytes(output.buffer->data(), bytes));
  return output;
}

Output TurnChannelsFirst(int64_t frames, int64_t filters, absl::Span<const int64_t> targets,
                         const BufferRef& target, BufferPool& pool) {
  const int64_t floats = frames * filters;
  const size_t bytes = targets.size() * static_cast<size_t>(floats) * sizeof(float);
  Output output;
  output.buffer = pool.Get(bytes);
  const float* from = reinterpret_cast<const float*>(target->data());
  float* to = reinterpret_cast<float*>(output.buffer->data());
  for (int64_t frame : targets) {
    Transpose(from + frame * filters, frames, filters, filters, to, frames);
    to += floats;
  }
  output.pieces.push_back(Bytes(output.buffer->data(), bytes));
  return output;
}

}  // namespace

Output LocateOutput(const layer::Conv1D& layer, const Placement& placement,
                    absl::Span<const int64_t> targets, const BufferRef& target, BufferPool& pool) {
  const int64_t filters = layer.config().filters;
  const int64_t frames = placement.frames.output;
  if (layer.config().data_format == layer::DataFormat::kChannelsFirst) {
    return TurnChannelsFirst(frames, filters, targets, target, pool);
  }
  Output output = Reference(frames * filters, filters, targets, target);
  return output.pieces.size() > kMostPieces ? Gather(output, pool) : std::move(output);
}

int64_t LocateOutputBytes(const layer::Conv1D& layer, const layer::InputShape& shape) {
  const bool copies = layer.config().data_format == layer::DataFormat::kChannelsFirst ||
                      shape.sequences > static_cast<int64_t>(kMostPieces);
  const int64_t values = shape.sequences * shape.frames.output * layer.config().filters;
  return copies ? BufferPool::CapacityOf(values * static_cast<int64_t>(sizeof(float))) : 0;
}

}  // namespace convoy::batch
