// What one caller takes away from a batch.
#ifndef CONVOY_KERNEL_BATCH_OUTPUT_H_
#define CONVOY_KERNEL_BATCH_OUTPUT_H_

#include <vector>

#include "absl/container/inlined_vector.h"
#include "kernel/batch/bytes.h"
#include "kernel/batch/pooled_buffer.h"

namespace convoy::batch {

// Where an answer lies: `pieces` in order are the output tensor, row-major, and
// stay valid while `buffer` is referenced. No pieces means an empty tensor.
struct Output {
  BufferRef buffer;
  absl::InlinedVector<Bytes, 1> pieces;
  // Of a request that was computed in parts: what follows these pieces, in order,
  // each with a buffer of its own. Their `rest` is empty.
  std::vector<Output> rest;
};

// Calls visit(piece, buffer) for every piece of the answer in order.
template <typename Visit>
void ForEachPiece(const Output& output, Visit visit) {
  for (const Bytes& piece : output.pieces) visit(piece, output.buffer);
  for (const Output& part : output.rest) {
    for (const Bytes& piece : part.pieces) visit(piece, part.buffer);
  }
}

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_OUTPUT_H_
