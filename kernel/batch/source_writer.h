// Writes the packed source of a batch, just ahead of what reads it.
#ifndef CONVOY_KERNEL_BATCH_SOURCE_WRITER_H_
#define CONVOY_KERNEL_BATCH_SOURCE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "kernel/batch/input.h"
#include "kernel/batch/packing.h"
#include "kernel/batch/placement_writer.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// The placements of a batch one after another, then zeros. Tiles that are executed
// in order find their frames in the cache that way, instead of in memory where a
// large batch would have gone meanwhile.
//
// Not thread-safe. Everything it is given must outlive it.
class SourceWriter {
 public:
  // The source has room for all frames that will be asked for, and at least
  // packing.outputs() * strides.
  // REQUIRES: inputs[i] belongs to packing.placements()[i].
  SourceWriter(const PackedSource& source, absl::Span<const Input* const> inputs,
               const Packing& packing);

  // Writes at least everything before the packed source frame `frame`.
  void WriteUntil(int64_t frame);

 private:
  // Goes on to the next input with outputs.
  void NextInput();

  const PackedSource source_;
  const absl::Span<const Input* const> inputs_;
  const Packing& packing_;
  size_t next_ = 0;
  std::optional<PlacementWriter> writer_;  // nothing: all inputs are written
  int64_t written_;                        // zeros behind the last one, up to this frame
};

// The payload itself, where it is what packing would make of it: one request of
// float32 frames in one piece, nothing before, between or after its sequences, at
// least `frames` of them. Null otherwise.
const float* InPlace(const layer::Conv1D& layer, absl::Span<const Input* const> inputs,
                     const Packing& packing, int64_t frames);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_SOURCE_WRITER_H_
