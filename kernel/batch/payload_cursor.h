// Reads a payload that lies in several pieces as if it were one.
#ifndef CONVOY_KERNEL_BATCH_PAYLOAD_CURSOR_H_
#define CONVOY_KERNEL_BATCH_PAYLOAD_CURSOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/types/span.h"
#include "kernel/batch/bytes.h"

namespace convoy::batch {

// Not thread-safe; the pieces must outlive it. Pieces may be empty and may end
// anywhere, in the middle of an element too.
class PayloadCursor {
 public:
  explicit PayloadCursor(absl::Span<const Bytes> pieces) : pieces_(pieces) {}

  // The next `bytes` bytes to `target`.
  // REQUIRES: so many are left.
  void Read(std::byte* target, size_t bytes) {
    while (bytes > 0) {
      const Bytes rest = Rest();
      const size_t part = std::min(bytes, rest.size());
      std::memcpy(target, rest.data(), part);
      target += part;
      bytes -= part;
      offset_ += part;
    }
  }

  // REQUIRES: so many are left.
  void Skip(size_t bytes) {
    while (bytes > 0) {
      const size_t part = std::min(bytes, Rest().size());
      bytes -= part;
      offset_ += part;
    }
  }

  // Appends the next `bytes` bytes to `pieces`, in place, and passes over them.
  // REQUIRES: so many are left.
  template <typename Pieces>
  void Take(size_t bytes, Pieces& pieces) {
    while (bytes > 0) {
      const Bytes rest = Rest();
      const size_t part = std::min(bytes, rest.size());
      pieces.push_back(rest.subspan(0, part));
      bytes -= part;
      offset_ += part;
    }
  }

  // The next `bytes` bytes in place if one piece holds them all and they are
  // aligned to `alignment`, and passes over them; null otherwise.
  const std::byte* Contiguous(size_t bytes, size_t alignment) {
    const Bytes rest = Rest();
    if (rest.size() < bytes || reinterpret_cast<uintptr_t>(rest.data()) % alignment != 0) {
      return nullptr;
    }
    offset_ += bytes;
    return rest.data();
  }

 private:
  // What is left of the current piece; moves on from finished ones.
  Bytes Rest() {
    while (offset_ == pieces_[index_].size() && index_ + 1 < pieces_.size()) {
      ++index_;
      offset_ = 0;
    }
    return pieces_[index_].subspan(offset_);
  }

  absl::Span<const Bytes> pieces_;
  size_t index_ = 0;
  size_t offset_ = 0;
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_PAYLOAD_CURSOR_H_
