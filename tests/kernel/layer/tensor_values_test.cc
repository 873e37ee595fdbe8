#include "kernel/layer/tensor_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;

TEST(TensorValuesTest, ValuesSurviveEveryFloatDtype) {
  const std::vector<double> values = {0.5, -2.0, 1.25, 0.0};
  for (const DType dtype : {DType::kFloat16, DType::kBfloat16, DType::kFloat32, DType::kFloat64}) {
    const Tensor tensor = FromDoubles(dtype, {2, 2}, values);
    EXPECT_TRUE(CheckShape(tensor, "kernel", {2, 2}).ok());
    EXPECT_TRUE(CheckBytes(tensor, "kernel").ok());
    EXPECT_EQ(ToDoubles(tensor), values);
    EXPECT_THAT(ToFloats(tensor), ElementsAre(0.5f, -2.0f, 1.25f, 0.0f));
  }
}

TEST(TensorValuesTest, RoundingIsThatOfTheDtype) {
  std::vector<double> values = {0.1};
  RoundTo(DType::kFloat64, absl::MakeSpan(values));
  EXPECT_EQ(values[0], 0.1);
  RoundTo(DType::kFloat32, absl::MakeSpan(values));
  EXPECT_EQ(values[0], 0.1f);
  RoundTo(DType::kBfloat16, absl::MakeSpan(values));
  EXPECT_EQ(values[0], 0.10009765625);
}

TEST(TensorValuesTest, WeightsMustBeFloatsOfTheRightShapeAndSize) {
  Tensor tensor = FromDoubles(DType::kFloat32, {2}, {1.0, 2.0});
  EXPECT_EQ(CheckShape(tensor, "bias", {3}).message(),
            "weights: expected `bias` of shape (3,), got (2,).");
  tensor.data.pop_back();
  EXPECT_EQ(CheckBytes(tensor, "bias").message(), "weights: expected 8 bytes of `bias`, got 7.");
  tensor.dtype = DType::kInt32;
  EXPECT_EQ(CheckShape(tensor, "bias", {2}).message(),
            "weights: expected `bias` of a float dtype, got int32.");
}

TEST(TensorValuesTest, MoreElementsThanAVariableMayHaveAreRefused) {
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{(int64_t{1} << 28) + 1}, {1 << 15, 1 << 14}, {INT64_MAX, INT64_MAX}}) {
    const Tensor tensor = {.dtype = DType::kFloat32, .shape = shape};
    EXPECT_EQ(CheckShape(tensor, "kernel", shape).code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace convoy::layer
