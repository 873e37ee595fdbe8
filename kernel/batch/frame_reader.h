// Reads a payload's sequences as frames, whatever its layout and dtype.
#ifndef CONVOY_KERNEL_BATCH_FRAME_READER_H_
#define CONVOY_KERNEL_BATCH_FRAME_READER_H_

#include <cstdint>

#include "kernel/batch/input.h"
#include "kernel/batch/payload_reader.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// Gives frames of C values in (T, C) order, rounded to the layer's compute dtype;
// changes of layout and dtype happen on the way. Real is float, or double where the
// layer uses_double().
//
// Not thread-safe. Everything it is given must outlive it.
template <typename Real>
class FrameReader {
 public:
  // The pool lends memory to channels_first payloads that lie in pieces, or have
  // another dtype: a band of channels at a time.
  FrameReader(const layer::Conv1D& layer, const Input& input, BufferPool& pool);

  // The next `count` frames of the sequence. channels_first: its first ones, in one
  // call.
  // REQUIRES: so many are left in the sequence; 1 <= count.
  void Read(Real* target, int64_t count);

  // Passes over what is left of the sequence; Read goes on with the next one.
  void EndSequence();

  // The most that a reader of sequences of `length` frames takes of the pool.
  static int64_t PoolBytes(const layer::Conv1D& layer, int64_t length);

 private:
  void ReadChannelsFirst(Real* target, int64_t count);

  const layer::DType compute_dtype_;
  const bool channels_first_;
  const int64_t channels_;
  const int64_t length_;
  BufferPool& pool_;
  PayloadReader<Real> reader_;
  int64_t left_;    // frames of the sequence that the payload has still
  BufferRef band_;  // empty until one is needed
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_FRAME_READER_H_
