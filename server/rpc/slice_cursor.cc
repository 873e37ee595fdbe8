#include "server/rpc/slice_cursor.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace convoy::rpc {
namespace {

// Protobuf's own limit of nested messages and groups.
constexpr int kMaxDepth = 100;

}  // namespace

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
  if (position_ == size_) return false;
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
  return FieldNumberOf(tag) != 0;
}

bool SliceCursor::ReadLength(size_t& length) {
  uint64_t value;
  if (!ReadVarint(5, value) || value > remaining()) return false;
  length = value;
  return true;
}

bool SliceCursor::ReadFixed(size_t count, uint64_t& value) {
  assert(count <= sizeof(value));
  if (count > remaining()) return false;
  value = 0;
  Copy(count, &value);  // the machine is little-endian, as the format is
  return true;
}

bool SliceCursor::Skip(size_t count) {
  if (count > remaining()) return false;
  while (count > 0) count -= TakeRun(count).size();
  return true;
}

bool SliceCursor::SkipField(uint32_t tag) { return SkipField(tag, kMaxDepth); }

bool SliceCursor::SkipField(uint32_t tag, int depth) {
  uint64_t varint;
  size_t length;
  switch (WireTypeOf(tag)) {
    case WireType::kVarint:
      return ReadVarint(varint);
    case WireType::kFixed64:
      return Skip(8);
    case WireType::kDelimited:
      return ReadLength(length) && Skip(length);
    case WireType::kStartGroup:
      return SkipGroup(FieldNumberOf(tag), depth - 1);
    case WireType::kFixed32:
      return Skip(4);
    case WireType::kEndGroup:  // of a group that never began
      break;
  }
  return false;
}

bool SliceCursor::SkipGroup(int field, int depth) {
  if (depth == 0) return false;
  uint32_t tag;
  while (ReadTag(tag)) {
    if (WireTypeOf(tag) == WireType::kEndGroup) return FieldNumberOf(tag) == field;
    if (!SkipField(tag, depth)) return false;
  }
  return false;
}

SliceCursor SliceCursor::First(size_t count) const {
  assert(count <= remaining());
  SliceCursor first = *this;
  first.size_ = position_ + count;
  return first;
}

absl::Span<const uint8_t> SliceCursor::TakeRun(size_t count) {
  const auto run = absl::MakeConstSpan(begin_, std::min(count, static_cast<size_t>(end_ - begin_)));
  begin_ += run.size();
  position_ += run.size();
  SkipEmptySlices();
  return run;
}

void SliceCursor::Take(size_t count, BytePieces& pieces) {
  assert(count <= remaining());
  while (count > 0) {
    const absl::Span<const uint8_t> run = TakeRun(count);
    count -= run.size();
    const auto* bytes = reinterpret_cast<const std::byte*>(run.data());
    if (!pieces.empty() && pieces.back().data() + pieces.back().size() == bytes) {
      pieces.back() = absl::MakeConstSpan(pieces.back().data(), pieces.back().size() + run.size());
    } else {
      pieces.push_back(absl::MakeConstSpan(bytes, run.size()));
    }
  }
}

void SliceCursor::Copy(size_t count, void* to) {
  assert(count <= remaining());
  auto* bytes = static_cast<uint8_t*>(to);
  while (count > 0) {
    const absl::Span<const uint8_t> run = TakeRun(count);
    std::memcpy(bytes, run.data(), run.size());
    bytes += run.size();
    count -= run.size();
  }
}

}  // namespace convoy::rpc
