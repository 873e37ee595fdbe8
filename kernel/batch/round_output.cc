#include "kernel/batch/round_output.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/types/span.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::batch {
namespace {

using layer::DType;

// Elements that are rounded at a time, beside their memory.
constexpr size_t kBlock = 512;

using Bits = std::array<uint16_t, kBlock>;

// `count` values of `from`, as bits of `to`.
void Round(DType from, DType to, const std::byte* values, size_t count, Bits& bits) {
  const absl::Span<uint16_t> rounded(bits.data(), count);
  if (from == DType::kFloat64) {
    std::array<double, kBlock> doubles;
    std::memcpy(doubles.data(), values, count * sizeof(double));
    for (size_t i = 0; i < count; ++i) {
      rounded[i] = to == DType::kFloat16 ? layer::DoubleToFloat16(doubles[i])
                                         : layer::DoubleToBfloat16(doubles[i]);
    }
    return;
  }
  std::array<float, kBlock> floats;
  const absl::Span<float> widened(floats.data(), count);
  if (from == DType::kFloat32) {
    std::memcpy(floats.data(), values, count * sizeof(float));
  } else {
    std::memcpy(bits.data(), values, count * sizeof(uint16_t));
    from == DType::kFloat16 ? layer::WidenFloat16(rounded, widened)
                            : layer::WidenBfloat16(rounded, widened);
  }
  to == DType::kFloat16 ? layer::NarrowToFloat16(widened, rounded)
                        : layer::NarrowToBfloat16(widened, rounded);
}

void RoundPieces(DType from, DType to, Output& output) {
  const auto size = static_cast<size_t>(layer::SizeOf(from));
  Bits bits;
  for (Bytes& piece : output.pieces) {
    // The memory is the answer's alone, and what was read is behind what is written.
    auto* const memory = const_cast<std::byte*>(piece.data());
    const size_t elements = piece.size() / size;
    for (size_t done = 0; done < elements; done += kBlock) {
      const size_t count = std::min(kBlock, elements - done);
      Round(from, to, memory + done * size, count, bits);
      std::memcpy(memory + done * sizeof(uint16_t), bits.data(), count * sizeof(uint16_t));
    }
    piece = {memory, elements * sizeof(uint16_t)};
  }
}

}  // namespace

void RoundOutput(DType from, DType to, Output& output) {
  if (from == to) return;
  RoundPieces(from, to, output);
  for (Output& part : output.rest) RoundPieces(from, to, part);
}

}  // namespace convoy::batch
