// Reads protobuf's wire format where it lies: over the slices of a message.
#ifndef CONVOY_SERVER_RPC_SLICE_CURSOR_H_
#define CONVOY_SERVER_RPC_SLICE_CURSOR_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "grpcpp/support/slice.h"

namespace convoy::rpc {

// How a field is written, the low three bits of its tag.
enum class WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kDelimited = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

constexpr WireType WireTypeOf(uint32_t tag) { return static_cast<WireType>(tag & 7); }
constexpr int FieldNumberOf(uint32_t tag) { return static_cast<int>(tag >> 3); }
constexpr uint32_t DelimitedTag(int field) { return static_cast<uint32_t>(field) << 3 | 2; }

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
  // A tag is at most five bytes, and no field has the number 0. Bits above the 32nd are
  // dropped, as protobuf does.
  bool ReadTag(uint32_t& tag);
  // A length is at most five bytes and at most remaining().
  bool ReadLength(size_t& length);
  // `count` bytes, least significant first.
  // REQUIRES: count <= 8.
  bool ReadFixed(size_t count, uint64_t& value);

  bool Skip(size_t count);
  // What follows `tag`, whatever it means; groups as deep as protobuf allows.
  bool SkipField(uint32_t tag);

  // A cursor over the next `count` bytes.
  // REQUIRES: count <= remaining().
  SliceCursor First(size_t count) const;

  // Moves over `count` bytes and appends where they lie to `pieces`; neighbours
  // in memory become one piece.
  // REQUIRES: count <= remaining().
  void Take(size_t count, BytePieces& pieces);
  // The same, copied to `to`.
  void Copy(size_t count, void* to);

 private:
  bool SkipField(uint32_t tag, int depth);
  bool SkipGroup(int field, int depth);
  // Moves over the longest run of bytes that lie together, of at most `count`.
  absl::Span<const uint8_t> TakeRun(size_t count);
  bool ReadByte(uint8_t& byte);
  // As protobuf's varint, of at most `max_bytes`.
  bool ReadVarint(int max_bytes, uint64_t& value);
  // Makes [begin_, end_) non-empty unless the slices end.
  void SkipEmptySlices();

  absl::Span<const grpc::Slice> slices_;  // those behind the current one
  const uint8_t* begin_ = nullptr;        // rest of the current one
  const uint8_t* end_ = nullptr;
  size_t position_ = 0;
  size_t size_ = 0;  // where it ends; the slices may go on
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_SLICE_CURSOR_H_
