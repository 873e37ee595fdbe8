#include "client/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace convoy::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
Tensor MakeTensor(DType dtype, const std::vector<T>& values) {
  Tensor tensor{dtype, {static_cast<int64_t>(values.size())}, ""};
  tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  return tensor;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(Tensor, ByteSizeIsTheProductTimesTheElement) {
  EXPECT_EQ(*ByteSize(DType::kFp32, {2, 3, 4}), 96);
  EXPECT_EQ(*ByteSize(DType::kInt8, {2, 3, 4}), 24);
  EXPECT_EQ(*ByteSize(DType::kFp64, {}), 8);
  EXPECT_EQ(*ByteSize(DType::kFp64, {5, 0, 7}), 0);
}

TEST(Tensor, NegativeSizesAreRefused) {
  EXPECT_THAT(Message(ByteSize(DType::kFp32, {1, -2, 3}).status()), HasSubstr("(1, -2, 3)"));
}

TEST(Tensor, AProductThatWrapsAroundIsRefusedRightAboveTheLimit) {
  constexpr int64_t kOne = 1;
  EXPECT_TRUE(ByteSize(DType::kFp32, {kOne << 60, 1}).ok());
  EXPECT_FALSE(ByteSize(DType::kFp32, {kOne << 61, 1}).ok());
  EXPECT_FALSE(ByteSize(DType::kFp32, {16, (kOne << 60) + 2, 1}).ok());
}

TEST(Tensor, AZeroSizeWinsOverAnOverflowOfTheOthers) {
  EXPECT_EQ(*ByteSize(DType::kFp32, {int64_t{1} << 62, int64_t{1} << 62, 0}), 0);
}

TEST(Tensor, BytesMustFitShapeExactly) {
  Tensor tensor{DType::kFp32, {1, 2, 1}, std::string(8, '\0')};
  EXPECT_TRUE(CheckTensor(tensor.view()).ok());
  tensor.bytes.resize(7);
  EXPECT_THAT(Message(CheckTensor(tensor.view())), HasSubstr("expected 8 bytes"));
  tensor.bytes.resize(9);
  EXPECT_THAT(Message(CheckTensor(tensor.view())), HasSubstr("got 9"));
}

TEST(Tensor, ElementsOfEveryTypeReadAsTheirValue) {
  EXPECT_EQ(ElementAt(MakeTensor<uint8_t>(DType::kBool, {0, 2}).view(), 1), 1);
  EXPECT_EQ(ElementAt(MakeTensor<uint8_t>(DType::kUint8, {0, 255}).view(), 1), 255);
  EXPECT_EQ(ElementAt(MakeTensor<int8_t>(DType::kInt8, {0, -128}).view(), 1), -128);
  EXPECT_EQ(ElementAt(MakeTensor<uint16_t>(DType::kUint16, {0, 65535}).view(), 1), 65535);
  EXPECT_EQ(ElementAt(MakeTensor<int16_t>(DType::kInt16, {0, -2}).view(), 1), -2);
  EXPECT_EQ(ElementAt(MakeTensor<uint32_t>(DType::kUint32, {0, 4000000000}).view(), 1), 4e9);
  EXPECT_EQ(ElementAt(MakeTensor<int32_t>(DType::kInt32, {0, -3}).view(), 1), -3);
  EXPECT_EQ(ElementAt(MakeTensor<uint64_t>(DType::kUint64, {0, 1ull << 63}).view(), 1), 0x1p63);
  EXPECT_EQ(ElementAt(MakeTensor<int64_t>(DType::kInt64, {0, -4}).view(), 1), -4);
  EXPECT_EQ(ElementAt(MakeTensor<float>(DType::kFp32, {0, 1.5f}).view(), 1), 1.5);
  EXPECT_EQ(ElementAt(MakeTensor<double>(DType::kFp64, {0, -0.1}).view(), 1), -0.1);
}

TEST(Tensor, HalfPrecisionReadsNormalSubnormalAndSpecialValues) {
  const Tensor half = MakeTensor<uint16_t>(
      DType::kFp16, {0x3c00, 0xc100, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000});
  EXPECT_EQ(ElementAt(half.view(), 0), 1);
  EXPECT_EQ(ElementAt(half.view(), 1), -2.5);
  EXPECT_EQ(ElementAt(half.view(), 2), 0x1p-24);
  EXPECT_EQ(ElementAt(half.view(), 3), 65504);
  EXPECT_EQ(ElementAt(half.view(), 4), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ElementAt(half.view(), 5), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(ElementAt(half.view(), 6)));
  EXPECT_TRUE(std::signbit(ElementAt(half.view(), 7)));
}

TEST(Tensor, BrainFloatReadsAsTheUpperHalfOfAFloat) {
  const Tensor brain = MakeTensor<uint16_t>(DType::kBf16, {0x3fc0, 0xff80});
  EXPECT_EQ(ElementAt(brain.view(), 0), 1.5);
  EXPECT_EQ(ElementAt(brain.view(), 1), -std::numeric_limits<double>::infinity());
}

TEST(Tensor, AFloatViewBorrowsTheValues) {
  const std::vector<float> values = {1, 2, 3};
  const std::vector<int64_t> shape = {1, 3, 1};
  const TensorView view = FloatView(shape, values);
  EXPECT_TRUE(CheckTensor(view).ok());
  EXPECT_EQ(static_cast<const void*>(view.bytes.data()), values.data());
  EXPECT_THAT(ToFloats(view), ElementsAre(1, 2, 3));
}

TEST(Tensor, CastKeepsShapeAndRoundsToTheTarget) {
  const Tensor doubles = MakeTensor<double>(DType::kFp64, {0.1, -2, 1e300});
  const auto floats = Cast(doubles.view(), DType::kFp32);
  ASSERT_TRUE(floats.ok());
  EXPECT_TRUE(CheckTensor(floats->view()).ok());
  EXPECT_EQ(floats->shape, doubles.shape);
  EXPECT_THAT(ToFloats(floats->view()),
              ElementsAre(0.1f, -2, std::numeric_limits<float>::infinity()));
}

TEST(Tensor, CastWidensIntegersAndKeepsItsOwnType) {
  const Tensor integers = MakeTensor<int16_t>(DType::kInt16, {-5, 7});
  const auto doubles = Cast(integers.view(), DType::kFp64);
  ASSERT_TRUE(doubles.ok());
  EXPECT_EQ(ElementAt(doubles->view(), 0), -5);
  const auto same = Cast(integers.view(), DType::kInt16);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->bytes, integers.bytes);
}

TEST(Tensor, CastRefusesOtherTargets) {
  const Tensor floats = MakeTensor<float>(DType::kFp32, {1});
  EXPECT_THAT(Message(Cast(floats.view(), DType::kInt8).status()), HasSubstr("got INT8"));
}

TEST(Tensor, ShapesReadLikePythonTuples) {
  EXPECT_EQ(ShapeString({}), "()");
  EXPECT_EQ(ShapeString({3}), "(3,)");
  EXPECT_EQ(ShapeString({-1, -1, 64}), "(None, None, 64)");
}

}  // namespace
}  // namespace convoy::client
