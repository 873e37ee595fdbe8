#include "kernel/batch/round_output.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::batch {
namespace {

using layer::DType;

class RoundOutputTest : public ::testing::Test {
 protected:
  // An answer of these elements, in two pieces and a further part if they suffice.
  template <typename T>
  Output Answer(const std::vector<T>& values) {
    const size_t half = values.size() / 2;
    Output output;
    const size_t gap = 3 * sizeof(T);
    BufferRef whole = pool_.Get(values.size() * sizeof(T) + gap);
    std::byte* const at = whole->data();
    std::copy_n(values.data(), half / 2, reinterpret_cast<T*>(at));
    std::copy_n(values.data() + half / 2, half - half / 2,
                reinterpret_cast<T*>(at + half / 2 * sizeof(T) + gap));
    output.pieces = {Bytes(at, half / 2 * sizeof(T)),
                     Bytes(at + half / 2 * sizeof(T) + gap, (half - half / 2) * sizeof(T))};
    output.buffer = std::move(whole);
    output.rest.push_back(Part(values.data() + half, values.size() - half));
    return output;
  }

  template <typename T>
  Output Part(const T* values, size_t count) {
    Output part;
    part.buffer = pool_.Get(count * sizeof(T) + 1);
    std::copy_n(values, count, reinterpret_cast<T*>(part.buffer->data()));
    part.pieces = {Bytes(part.buffer->data(), count * sizeof(T))};
    return part;
  }

  static std::vector<uint16_t> BitsOf(const Output& output) {
    std::vector<std::byte> bytes;
    ForEachPiece(output, [&](const Bytes& piece, const BufferRef&) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
    });
    std::vector<uint16_t> bits(bytes.size() / 2);
    std::copy_n(bytes.data(), bytes.size(), reinterpret_cast<std::byte*>(bits.data()));
    return bits;
  }

  BufferPool pool_{1 << 20};
};

TEST_F(RoundOutputTest, EveryElementIsRoundedOnceWhereverItLies) {
  std::mt19937 random(3);
  for (const size_t count : {0u, 1u, 511u, 2048u, 2049u, 5000u}) {
    std::vector<float> values(count);
    for (float& value : values) value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    for (const DType to : {DType::kFloat16, DType::kBfloat16}) {
      Output output = Answer(values);
      RoundOutput(DType::kFloat32, to, output);
      const std::vector<uint16_t> bits = BitsOf(output);
      ASSERT_EQ(bits.size(), count);
      for (size_t i = 0; i < count; ++i) {
        ASSERT_EQ(bits[i], to == DType::kFloat16 ? layer::FloatToFloat16(values[i])
                                                 : layer::FloatToBfloat16(values[i]));
      }
    }
  }
}

TEST_F(RoundOutputTest, EdgesAreThoseOfRoundingToNearestAndEven) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  Output output = Answer<float>({65504, 65520, -1e30F, infinity, 2049, 2051, 0x1p-25F, -0.0F, nan});
  RoundOutput(DType::kFloat32, DType::kFloat16, output);
  std::vector<uint16_t> bits = BitsOf(output);
  ASSERT_EQ(bits.size(), 9u);
  EXPECT_TRUE(std::isnan(layer::Float16ToFloat(bits.back())));
  bits.pop_back();
  EXPECT_EQ(bits, (std::vector<uint16_t>{0x7BFF, 0x7C00, 0xFC00, 0x7C00, 0x6800, 0x6802, 0x0000,
                                         0x8000}));
}

TEST_F(RoundOutputTest, ADoubleIsNotRoundedToFloatFirst) {
  // Just above the middle of 1 and the next bfloat16: float would lose what decides.
  const double above = 1 + 0x1p-8 + 0x1p-40;
  Output output = Answer<double>({above, above});
  RoundOutput(DType::kFloat64, DType::kBfloat16, output);
  EXPECT_EQ(BitsOf(output), (std::vector<uint16_t>{0x3F81, 0x3F81}));
  EXPECT_EQ(layer::FloatToBfloat16(static_cast<float>(above)), 0x3F80) << "what two roundings give";
  output = Answer<double>({1 + 0x1p-11 + 0x1p-40, -3});
  RoundOutput(DType::kFloat64, DType::kFloat16, output);
  EXPECT_EQ(BitsOf(output), (std::vector<uint16_t>{0x3C01, 0xC200}));
}

TEST_F(RoundOutputTest, FromOneNarrowTypeToTheOtherAndToItself) {
  const std::vector<uint16_t> halves = {0x3C01, 0x7C00, 0x0001, 0xC200};
  Output output = Answer(halves);
  RoundOutput(DType::kFloat16, DType::kFloat16, output);
  EXPECT_EQ(BitsOf(output), halves);
  RoundOutput(DType::kFloat16, DType::kBfloat16, output);
  EXPECT_EQ(BitsOf(output), (std::vector<uint16_t>{0x3F80, 0x7F80, 0x3380, 0xC040}));
  RoundOutput(DType::kBfloat16, DType::kFloat16, output);
  EXPECT_EQ(BitsOf(output), (std::vector<uint16_t>{0x3C00, 0x7C00, 0x0001, 0xC200}));
}

}  // namespace
}  // namespace convoy::batch
