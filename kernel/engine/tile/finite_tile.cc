#include "kernel/engine/tile/finite_tile.h"

#include <cstring>
#include <utility>

#include "kernel/layer/float_math.h"

namespace convoy::engine {

CONVOY_MULTIVERSION bool AllFinite(const float* values, int64_t count) {
  // All exponent bits set means infinity or NaN. Integers, so that no compiler
  // option about floating point can take the test away.
  constexpr uint32_t kExponent = 0x7f800000;
  uint32_t found = 0;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, values + i, sizeof(bits));
    found |= static_cast<uint32_t>((bits & kExponent) == kExponent);
  }
  return found == 0;
}

FiniteTile::FiniteTile(std::unique_ptr<CompiledTile> fast, std::unique_ptr<CompiledTile> plain,
                       int64_t row_frames, int64_t channels)
    : CompiledTile(plain->shape()),
      fast_(std::move(fast)),
      plain_(std::move(plain)),
      row_frames_(row_frames),
      channels_(channels) {}

absl::Status FiniteTile::Run(const float* source, float* target, TileScratch& scratch) const {
  const bool finite = AllFinite(source, source_frames() * channels_);
  return (finite ? fast_ : plain_)->Run(source, target, scratch);
}

}  // namespace convoy::engine
