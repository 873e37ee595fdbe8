// Copies a request's payload into its place in the packed source buffer.
#ifndef CONVOY_KERNEL_BATCH_COPY_IN_H_
#define CONVOY_KERNEL_BATCH_COPY_IN_H_

#include <cstdint>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/batch/payload_reader.h"
#include "kernel/batch/request.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// The frames of one sequence's room in the packed source, in order.
struct SequenceFrames {
  int64_t zeros_before = 0;
  int64_t copied = 0;   // from the payload
  int64_t skipped = 0;  // at the payload's end, seen by no window
  int64_t zeros_after = 0;
};

// Writes the frames of the request's sequences, [first, first + sequences * pitch)
// source frames, in order and as far as asked: the zeros of the padding, the
// payload in (T, C) order, zeros up to the next sequence. This is the only copy of
// a payload; changes of layout and dtype, and the rounding to the layer's compute
// dtype, happen on the way.
//
// Not thread-safe, yet writers of distinct placements may run at the same time.
class PlacementWriter {
 public:
  // `packed` is the whole batch's source, (frames, channels) floats. `scratch` is
  // the calling thread's own and keeps its memory; it is used for channels_first
  // payloads that lie in pieces. All must outlive the writer.
  PlacementWriter(const layer::Conv1D& layer, const Input& input, const Placement& placement,
                  float* packed, std::vector<float>& scratch);

  // Writes at least everything before the packed source frame `frame`; all, where
  // the placement ends before it.
  void WriteUntil(int64_t frame);

  // The first packed source frame behind the placement.
  int64_t end() const { return end_; }

 private:
  void WriteZeros(int64_t count);
  void WritePayload(int64_t count);

  const layer::Conv1D& layer_;
  const Input& input_;
  const SequenceFrames frames_;
  const int64_t room_;  // frames of a sequence
  const bool channels_first_;
  const int64_t channels_;
  const int64_t end_;
  std::vector<float>& scratch_;
  PayloadReader<float> reader_;
  float* target_;
  int64_t position_;  // the next frame to write
  int64_t at_ = 0;    // the same, in its sequence's room
};

// The whole placement at once.
void CopyIn(const layer::Conv1D& layer, const Input& input, const Placement& placement,
            float* packed, std::vector<float>& scratch);

// The payload alone, without padding and gaps: sequences * length frames of C values, in
// (T, C) order, to `frames`. Real is float, or double where the layer
// uses_double().
template <typename Real>
void CopyFrames(const layer::Conv1D& layer, const Input& input, Real* frames);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_COPY_IN_H_
