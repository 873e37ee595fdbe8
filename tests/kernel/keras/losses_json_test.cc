#include "kernel/keras/losses_json.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/status/status.h"

namespace convoy::keras {
namespace {

TEST(LossesJsonTest, PenaltiesAreByVariableAndAnErrorIsItsText) {
  const std::vector<layer::WeightLoss> losses = {{"kernel", 0.25}, {"bias", 0.5}};
  EXPECT_EQ(ToJson(losses).dump(), R"({"kernel":0.25,"bias":0.5})");
  EXPECT_EQ(ToJson(std::vector<layer::WeightLoss>()).dump(), "{}");
  EXPECT_EQ(ToJson(absl::InvalidArgumentError("rank 2")).dump(), R"({"error":"rank 2"})");
}

}  // namespace
}  // namespace convoy::keras
