#include "server/batching/run_memory.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace convoy::batching {
namespace {

// More than any machine has, and no sum of them overflows.
constexpr int64_t kMost = int64_t{1} << 48;

int64_t Bounded(int64_t bytes) { return std::clamp<int64_t>(bytes, 0, kMost); }

size_t SizeOf(int64_t bytes) { return std::bit_width(static_cast<uint64_t>(bytes)); }

}  // namespace

void RunMemory::Count(int64_t bytes, int64_t parts, int64_t sign) {
  const int64_t bounded = Bounded(bytes);
  Parts& size = sizes_[SizeOf(bounded)];
  const int64_t counted = std::min<int64_t>(parts, runners_);
  size.count += sign * counted;
  size.bytes += sign * counted * bounded;
}

int64_t RunMemory::Alone(int64_t bytes, int64_t parts) const {
  return Bounded(bytes) * std::min<int64_t>(parts, runners_);
}

int64_t RunMemory::With(int64_t bytes, int64_t parts) const {
  RunMemory all = *this;
  all.Add(bytes, parts);
  int64_t left = runners_;
  int64_t most = 0;
  for (size_t i = all.sizes_.size(); i-- > 0 && left > 0;) {
    const Parts& size = all.sizes_[i];
    const int64_t taken = std::min(size.count, left);
    most += std::min(size.bytes, taken << i);
    left -= taken;
  }
  return most;
}

}  // namespace convoy::batching
