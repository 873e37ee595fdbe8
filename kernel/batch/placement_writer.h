// Copies a request's payload into its place in the packed source buffer.
#ifndef CONVOY_KERNEL_BATCH_PLACEMENT_WRITER_H_
#define CONVOY_KERNEL_BATCH_PLACEMENT_WRITER_H_

#include <cstdint>

#include "kernel/batch/frame_reader.h"
#include "kernel/batch/input.h"
#include "kernel/batch/packing.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// A whole batch's packed source, to be written.
struct PackedSource {
  const layer::Conv1D& layer;
  float* floats;     // (frames, channels)
  BufferPool& pool;  // see FrameReader
};

// The frames of one sequence's room in the packed source, in order. What the payload
// has beyond those copied is seen by no window.
struct SequenceFrames {
  int64_t zeros_before = 0;
  int64_t copied = 0;  // from the payload
  int64_t zeros_after = 0;
};

// Writes the frames of the request's sequences, [first, first + sequences * pitch)
// source frames, in order and as far as asked: the zeros of the padding, the
// payload's frames (FrameReader), zeros up to the next sequence. This is the only
// copy of a payload.
//
// Not thread-safe, yet writers of distinct placements may run at the same time.
class PlacementWriter {
 public:
  // All that it is given must outlive the writer.
  PlacementWriter(const PackedSource& source, const Input& input, const Placement& placement);

  // Writes at least everything before the packed source frame `frame`; all, where
  // the placement ends before it.
  void WriteUntil(int64_t frame);

  // The first packed source frame behind the placement.
  int64_t end() const { return end_; }

 private:
  void WriteZeros(int64_t count);
  void WritePayload(int64_t count);
  void Advance(int64_t count);

  const bool channels_first_;
  const int64_t channels_;
  const int64_t room_;  // frames of a sequence
  const SequenceFrames frames_;
  const int64_t end_;
  FrameReader<float> reader_;
  int64_t position_;  // the next frame to write
  float* target_;     // of that frame
  int64_t at_ = 0;    // the same, in its sequence's room
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_PLACEMENT_WRITER_H_
