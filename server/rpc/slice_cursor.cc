#include "server/rpc/slice_cursor.h"

#include <algorithm>
#include <cassert>

namespace convoy::rpc {

SliceCursor::SliceCursor(absl::Span<const grpc::Slice> slices) : slices_(slices) {
  for (const grpc::Slice& slice : slices) size_ += slice.size();
  SkipEmptySlices();
}

void SliceCursor::SkipEmptySlices() {
  while (begin_ == end_ && !slices_.empty()) {
    begin_ = slices_.front().begin();
    end_ = slices_.front().end();
    slices_.remove_prefix(1);
  }
}

bool SliceCursor::ReadByte(uint8_t& byte) {
  if (begin_ == end_) return false;
  byte = *begin_++;
  ++position_;
  SkipEmptySlices();
  return true;
}

bool SliceCursor::ReadVarint(int max_bytes, uint64_t& value) {
  value = 0;
  for (int i = 0; i < max_bytes; ++i) {
    uint8_t byte;
    if (!ReadByte(byte)) return false;
    value |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) return true;
  }
  return false;
}

bool SliceCursor::ReadVarint(uint64_t& value) { return ReadVarint(10, value); }

bool SliceCursor::ReadTag(uint32_t& tag) {
  uint64_t value;
  if (!ReadVarint(5, value)) return false;
  tag = static_cast<uint32_t>(value);
  return tag != 0;
}

bool SliceCursor::ReadLength(size_t& length) {
  uint64_t value;
  if (!ReadVarint(5, value) || value > remaining()) return false;
  length = value;
  return true;
}

bool SliceCursor::Skip(size_t count) {
  if (count > remaining()) return false;
  position_ += count;
  while (count > 0) {
    const size_t step = std::min(count, static_cast<size_t>(end_ - begin_));
    begin_ += step;
    count -= step;
    SkipEmptySlices();
  }
  return true;
}

void SliceCursor::Take(size_t count, BytePieces& pieces) {
  assert(count <= remaining());
  while (count > 0) {
    const size_t step = std::min(count, static_cast<size_t>(end_ - begin_));
    const auto* bytes = reinterpret_cast<const std::byte*>(begin_);
    if (!pieces.empty() && pieces.back().data() + pieces.back().size() == bytes) {
      pieces.back() = absl::MakeConstSpan(pieces.back().data(), pieces.back().size() + step);
    } else {
      pieces.push_back(absl::MakeConstSpan(bytes, step));
    }
    Skip(step);
    count -= step;
  }
}

}  // namespace convoy::rpc
