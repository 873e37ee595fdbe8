#include "kernel/layer/activation.h"

#include <gtest/gtest.h>

namespace convoy::layer {
namespace {

TEST(ActivationTest, UnknownNamesAreRefusedInKerasWords) {
  EXPECT_EQ(ActivationFromName("ReLU").status().message(),
            "Could not interpret activation function identifier: ReLU");
}

TEST(ActivationTest, EveryNameOfKerasIsKnownExceptThreshold) {
  for (const char* name :
       {"relu",         "leaky_relu",  "relu6",       "softmax",        "celu",
        "elu",          "selu",        "softplus",    "softsign",       "squareplus",
        "soft_shrink",  "sparse_plus", "silu",        "gelu",           "glu",
        "tanh",         "tanh_shrink", "sigmoid",     "sparse_sigmoid", "exponential",
        "hard_sigmoid", "hard_silu",   "hard_tanh",   "hard_shrink",    "linear",
        "mish",         "log_softmax", "log_sigmoid", "sparsemax"}) {
    const auto activation = ActivationFromName(name);
    ASSERT_TRUE(activation.ok()) << name;
    EXPECT_EQ(ActivationName(*activation), name);
  }
  EXPECT_EQ(ActivationName(*ActivationFromName("swish")), "silu");
  EXPECT_EQ(ActivationName(*ActivationFromName("hard_swish")), "hard_silu");
  EXPECT_FALSE(ActivationFromName("threshold").ok());
}

}  // namespace
}  // namespace convoy::layer
