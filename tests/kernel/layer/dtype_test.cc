#include "kernel/layer/dtype.h"

#include <gtest/gtest.h>

namespace convoy::layer {
namespace {

TEST(DTypeTest, EveryDTypeIsFoundAgainByEachOfItsNames) {
  for (int i = 0; i <= static_cast<int>(DType::kFloat64); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(FromKerasName(KerasName(dtype)), dtype);
    EXPECT_EQ(FromProtocolName(ProtocolName(dtype)), dtype);
  }
}

TEST(DTypeTest, NamesAreThoseOfTheFormats) {
  EXPECT_EQ(KerasName(DType::kBfloat16), "bfloat16");
  EXPECT_EQ(ProtocolName(DType::kFloat32), "FP32");
  EXPECT_EQ(FromProtocolName("BF16"), DType::kBfloat16);
}

TEST(DTypeTest, EveryDTypeHasANameInSafetensors) {
  int i = 0;
  for (const char* name : {"BOOL", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "F16",
                           "BF16", "F32", "F64"}) {
    EXPECT_EQ(FromSafetensorsName(name), static_cast<DType>(i++)) << name;
  }
  EXPECT_EQ(i, static_cast<int>(DType::kFloat64) + 1);
}

TEST(DTypeTest, UnknownNamesAreRefused) {
  EXPECT_FALSE(FromProtocolName("FP8").has_value());
  EXPECT_FALSE(FromProtocolName("fp32").has_value());
  EXPECT_FALSE(FromSafetensorsName("").has_value());
  EXPECT_FALSE(FromKerasName("FP32").has_value());
}

TEST(DTypeTest, SizesAreBytes) {
  EXPECT_EQ(SizeOf(DType::kBool), 1);
  EXPECT_EQ(SizeOf(DType::kFloat16), 2);
  EXPECT_EQ(SizeOf(DType::kUint32), 4);
  EXPECT_EQ(SizeOf(DType::kFloat64), 8);
}

}  // namespace
}  // namespace convoy::layer
