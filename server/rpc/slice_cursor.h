// Reads protobuf's wire format where it lies: over the slices of a message.
#ifndef CONVOY_SERVER_RPC_SLICE_CURSOR_H_
#define CONVOY_SERVER_RPC_SLICE_CURSOR_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "grpcpp/support/slice.h"

namespace convoy::rpc {

// Bytes in order that need not lie together.
using BytePieces = absl::InlinedVector<absl::Span<const std::byte>, 2>;

// A position in a list of slices. Copies are cheap and independent, so a copy
// marks a place to come back to.
//
// Not thread-safe. Refers to the slices: they must outlive it and stay in place
// (a short slice carries its bytes inside the grpc::Slice object).
class SliceCursor {
 public:
  explicit SliceCursor(absl::Span<const grpc::Slice> slices);

  // Bytes before and behind the cursor.
  size_t position() const { return position_; }
  size_t remaining() const { return size_ - position_; }

  // The readers return false, at an unspecified place, when the bytes end before
  // the value does or a varint is too long.
  bool ReadVarint(uint64_t& value);
  // A tag is at most five bytes and never 0. Bits above the 32nd are dropped, as
  // protobuf does.
  bool ReadTag(uint32_t& tag);
  // A length is at most five bytes and at most remaining().
  bool ReadLength(size_t& length);

  bool Skip(size_t count);

  // Moves over `count` bytes and appends where they lie to `pieces`; neighbours
  // in memory become one piece.
  // REQUIRES: count <= remaining().
  void Take(size_t count, BytePieces& pieces);

 private:
  bool ReadByte(uint8_t& byte);
  // As protobuf's varint, of at most `max_bytes`.
  bool ReadVarint(int max_bytes, uint64_t& value);
  // Makes [begin_, end_) non-empty unless nothing remains.
  void SkipEmptySlices();

  absl::Span<const grpc::Slice> slices_;  // those behind the current one
  const uint8_t* begin_ = nullptr;        // rest of the current one
  const uint8_t* end_ = nullptr;
  size_t position_ = 0;
  size_t size_ = 0;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_SLICE_CURSOR_H_
