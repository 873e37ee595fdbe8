#include "kernel/batch/payload_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

namespace convoy::batch {
namespace {

using ::convoy::layer::DType;
using ::testing::ElementsAre;

template <typename Element>
std::vector<std::byte> BytesOf(const std::vector<Element>& elements) {
  std::vector<std::byte> bytes(elements.size() * sizeof(Element));
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

// `elements` as Real, read off any alignment.
template <typename Real, typename Element>
std::vector<Real> Widened(DType dtype, const std::vector<Element>& elements) {
  std::vector<std::byte> shifted = BytesOf(elements);
  shifted.insert(shifted.begin(), std::byte{0});
  std::vector<Real> values(elements.size());
  Widen(dtype, shifted.data() + 1, static_cast<int64_t>(elements.size()), values.data());
  return values;
}

TEST(WidenTest, SignedIntegersKeepTheirSign) {
  EXPECT_THAT((Widened<float, int8_t>(DType::kInt8, {-128, -1, 127})), ElementsAre(-128, -1, 127));
  EXPECT_THAT((Widened<float, int16_t>(DType::kInt16, {-32768, 7})), ElementsAre(-32768, 7));
  EXPECT_THAT((Widened<float, int32_t>(DType::kInt32, {-5, 1 << 24})), ElementsAre(-5, 1 << 24));
  EXPECT_THAT((Widened<double, int64_t>(DType::kInt64, {-5, int64_t{1} << 52})),
              ElementsAre(-5, 4503599627370496.0));
}

TEST(WidenTest, UnsignedIntegersHaveNone) {
  EXPECT_THAT((Widened<float, uint8_t>(DType::kUint8, {0, 255})), ElementsAre(0, 255));
  EXPECT_THAT((Widened<float, uint16_t>(DType::kUint16, {65535})), ElementsAre(65535));
  EXPECT_THAT((Widened<double, uint32_t>(DType::kUint32, {4294967295u})),
              ElementsAre(4294967295.0));
  EXPECT_THAT((Widened<double, uint64_t>(DType::kUint64, {uint64_t{1} << 63})),
              ElementsAre(9223372036854775808.0));
}

TEST(WidenTest, AnyBooleanThatIsNotZeroIsOne) {
  EXPECT_THAT((Widened<float, uint8_t>(DType::kBool, {0, 1, 2, 255})), ElementsAre(0, 1, 1, 1));
}

TEST(WidenTest, IntegersThatDoNotFitRoundToNearest) {
  // Between 2^24 and 2^24 + 2 the tie goes to the even one.
  EXPECT_THAT((Widened<float, int32_t>(DType::kInt32, {(1 << 24) + 1, (1 << 24) + 3})),
              ElementsAre(1 << 24, (1 << 24) + 4));
}

TEST(WidenTest, HalvesAreExact) {
  EXPECT_THAT((Widened<float, uint16_t>(DType::kBfloat16, {0x3f80, 0xc000, 0x3f81})),
              ElementsAre(1.0f, -2.0f, 1.0078125f));
  EXPECT_THAT(
      (Widened<double, uint16_t>(DType::kFloat16, {0x3c00, 0xc000, 0x0001, 0x7c00})),
      ElementsAre(1.0, -2.0, 5.9604644775390625e-8, std::numeric_limits<double>::infinity()));
}

TEST(WidenTest, FloatsAndDoublesBecomeEachOther) {
  EXPECT_THAT((Widened<double, float>(DType::kFloat32, {0.1f})), ElementsAre(double{0.1f}));
  EXPECT_THAT((Widened<float, double>(DType::kFloat64, {0.1})), ElementsAre(0.1f));
}

// More elements than a block holds, in pieces that split elements.
TEST(PayloadReaderTest, ReadsAnyDtypeAcrossPiecesAndBlocks) {
  std::vector<int16_t> elements(10000);
  std::iota(elements.begin(), elements.end(), -5000);
  const std::vector<std::byte> bytes = BytesOf(elements);
  const Bytes whole(bytes);
  for (const size_t cut : {0, 1, 4097, 8191, 8192, 8193, 20000}) {
    const std::vector<Bytes> pieces = {whole.subspan(0, cut), whole.subspan(cut)};
    PayloadReader<float> reader(pieces, DType::kInt16);
    std::vector<float> values(elements.size(), 1e30f);
    reader.Read(values.data(), 3);
    reader.Read(values.data() + 3, static_cast<int64_t>(values.size()) - 3);
    for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], elements[i]) << i;
  }
}

TEST(PayloadReaderTest, SkipCountsElements) {
  const std::vector<std::byte> bytes = BytesOf<int64_t>({10, 20, 30, 40});
  const std::vector<Bytes> pieces = {Bytes(bytes)};
  PayloadReader<float> reader(pieces, DType::kInt64);
  reader.Skip(2);
  float value = 0;
  reader.Read(&value, 1);
  EXPECT_EQ(value, 30);
}

TEST(PayloadReaderTest, OnlyElementsThatNeedNoConversionLieInPlace) {
  const std::vector<std::byte> bytes = BytesOf<float>({1, 2, 3, 4});
  const std::vector<Bytes> pieces = {Bytes(bytes)};
  PayloadReader<float> floats(pieces, DType::kFloat32);
  EXPECT_EQ(static_cast<const void*>(floats.Contiguous(3)), bytes.data());
  EXPECT_EQ(floats.Contiguous(2), nullptr);  // one is left
  EXPECT_EQ(PayloadReader<float>(pieces, DType::kInt32).Contiguous(1), nullptr);
  EXPECT_EQ(PayloadReader<double>(pieces, DType::kFloat32).Contiguous(1), nullptr);
  EXPECT_NE(PayloadReader<double>(pieces, DType::kFloat64).Contiguous(2), nullptr);
}

TEST(PayloadReaderTest, NothingIsReadFromNoPieces) {
  PayloadReader<float> reader({}, DType::kInt8);
  float untouched = 7;
  reader.Read(&untouched, 0);
  reader.Skip(0);
  EXPECT_EQ(untouched, 7);
}

}  // namespace
}  // namespace convoy::batch
