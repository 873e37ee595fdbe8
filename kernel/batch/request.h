// What one caller brings to a batch, and what it takes away.
#ifndef CONVOY_KERNEL_BATCH_REQUEST_H_
#define CONVOY_KERNEL_BATCH_REQUEST_H_

#include <cstddef>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/dtype.h"

namespace convoy::batch {

using Bytes = absl::Span<const std::byte>;

// A tensor as it came over the wire: checked, not yet copied.
struct Input {
  layer::InputShape shape;
  // The dtype of the payload's elements.
  layer::DType dtype = layer::DType::kFloat32;
  // The payload's pieces in order, together sequences * length * channels
  // elements in the layer's data_format. Pieces may split an element.
  absl::InlinedVector<Bytes, 2> payload;
};

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

#endif  // CONVOY_KERNEL_BATCH_REQUEST_H_
