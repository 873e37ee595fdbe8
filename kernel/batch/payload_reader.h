// Reads a payload of any dtype as the numbers a layer computes with.
#ifndef CONVOY_KERNEL_BATCH_PAYLOAD_READER_H_
#define CONVOY_KERNEL_BATCH_PAYLOAD_READER_H_

#include <cstdint>

#include "absl/types/span.h"
#include "kernel/batch/payload_cursor.h"
#include "kernel/layer/dtype.h"

namespace convoy::batch {

// `count` elements of `dtype` from `bytes` (any alignment) to `values`. Integers
// and float64 round to nearest where `Real` is narrower; booleans are 0 and 1.
template <typename Real>
void Widen(layer::DType dtype, const std::byte* bytes, int64_t count, Real* values);

// The dtype whose elements need no conversion to Real.
template <typename Real>
inline constexpr layer::DType kNative = sizeof(Real) == 4 ? layer::DType::kFloat32
                                                          : layer::DType::kFloat64;

// Elements in order. Not thread-safe; the payload must outlive it.
template <typename Real>
class PayloadReader {
 public:
  PayloadReader(absl::Span<const Bytes> pieces, layer::DType dtype)
      : cursor_(pieces), dtype_(dtype) {}

  // REQUIRES: so many elements are left.
  void Read(Real* values, int64_t count) {
    if (dtype_ == kNative<Real>) {
      cursor_.Read(reinterpret_cast<std::byte*>(values), count * sizeof(Real));
      return;
    }
    // Through a block that stays in the first-level cache.
    std::byte block[kBlockBytes];
    const int64_t most = kBlockBytes / layer::SizeOf(dtype_);
    for (int64_t done = 0; done < count; done += most) {
      const int64_t part = std::min(most, count - done);
      cursor_.Read(block, static_cast<size_t>(part * layer::SizeOf(dtype_)));
      Widen(dtype_, block, part, values + done);
    }
  }

  void Skip(int64_t count) { cursor_.Skip(static_cast<size_t>(count * layer::SizeOf(dtype_))); }

  // The next elements in place, if they lie in one piece, aligned, and need no
  // conversion; passes over them. Null otherwise.
  const Real* Contiguous(int64_t count) {
    if (dtype_ != kNative<Real>) return nullptr;
    return reinterpret_cast<const Real*>(
        cursor_.Contiguous(static_cast<size_t>(count) * sizeof(Real), alignof(Real)));
  }

 private:
  static constexpr int64_t kBlockBytes = 8192;

  PayloadCursor cursor_;
  const layer::DType dtype_;
};

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_PAYLOAD_READER_H_
