#include "kernel/layer/dtype_policy.h"

#include <gtest/gtest.h>

namespace convoy::layer {
namespace {

TEST(DTypePolicyTest, APolicyOfOneDtypeHasItsNameAndAMixedOneThatOfItsComputeDtype) {
  EXPECT_EQ(DTypePolicy{}.name(), "float32");
  EXPECT_EQ((DTypePolicy{DType::kFloat16, DType::kFloat16}.name()), "float16");
  EXPECT_EQ((DTypePolicy{DType::kFloat32, DType::kFloat16}.name()), "mixed_float16");
  EXPECT_EQ((DTypePolicy{DType::kFloat32, DType::kBfloat16}.name()), "mixed_bfloat16");
}

}  // namespace
}  // namespace convoy::layer
