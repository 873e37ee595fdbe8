#include "kernel/keras/initializer_json.h"

#include <gtest/gtest.h>

#include "absl/status/status.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

TEST(InitializerJsonTest, NamesOfKeras2AndTensorFlowAreKnown) {
  EXPECT_TRUE(ParseInitializer(json::parse(R"({"class_name": "GlorotUniformV2", "config":
      {"seed": null, "dtype": "float32"}})"))
                  .ok());
  EXPECT_TRUE(ParseInitializer(json::parse(R"({"class_name": "VarianceScaling", "config":
      {"scale": 1, "mode": "fan_avg", "distribution": "normal", "seed": null}})"))
                  .ok());
  EXPECT_EQ(ParseInitializer(json::parse(R"({"module": "my.code", "class_name": "Mine",
      "config": {}, "registered_name": "my>Mine"})"))
                .status()
                .code(),
            absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace convoy::keras
