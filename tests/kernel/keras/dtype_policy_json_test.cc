#include "kernel/keras/dtype_policy_json.h"

#include <gtest/gtest.h>

#include "absl/status/status.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

TEST(DTypePolicyJsonTest, EveryFormOfAPolicyIsRead) {
  const layer::DTypePolicy mixed{layer::DType::kFloat32, layer::DType::kBfloat16};
  EXPECT_EQ(*ParseDTypePolicy("mixed_bfloat16"), mixed);
  EXPECT_EQ(*ParseDTypePolicy(ToJson(mixed)), mixed);
  EXPECT_EQ(*ParseDTypePolicy(
                json::parse(R"({"class_name": "Policy", "config": {"name": "mixed_bfloat16"}})")),
            mixed);
  EXPECT_EQ(*ParseDTypePolicy(json::parse(R"({"module": "keras", "class_name": "DTypePolicy",
                "config": {"name": "mixed_bfloat16"}, "registered_name": null,
                "shared_object_id": 7})")),
            mixed);
  EXPECT_EQ(*ParseDTypePolicy(nullptr), layer::DTypePolicy{});
}

TEST(DTypePolicyJsonTest, NamesAreWrittenBack) {
  for (const char* name :
       {"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"}) {
    EXPECT_EQ(ParseDTypePolicy(name)->name(), name);
  }
}

TEST(DTypePolicyJsonTest, WhatIsNotAFloatPolicyIsRefusedByName) {
  EXPECT_EQ(ParseDTypePolicy("int8_from_float32").status().code(),
            absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ParseDTypePolicy("int32").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ParseDTypePolicy(json::parse(R"({"class_name": "DTypePolicyMap", "config": {}})"))
                .status()
                .code(),
            absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ParseDTypePolicy("half").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(
      ParseDTypePolicy(json::parse(R"({"class_name": "DTypePolicy", "config": {"name": {}}})"))
          .ok());
}

}  // namespace
}  // namespace convoy::keras
