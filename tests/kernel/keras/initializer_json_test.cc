#include "kernel/keras/initializer_json.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

TEST(InitializerJsonTest, AWindowIsPeriodicByPythonsTruth) {
  const std::vector<std::pair<const char*, bool>> cases = {
      {"true", true}, {"1", true}, {"\"no\"", true}, {"0", false}, {"null", false}};
  for (const auto& [value, periodic] : cases) {
    const auto initializer =
        ParseInitializer({{"class_name", "STFT"}, {"config", {{"periodic", json::parse(value)}}}});
    EXPECT_EQ(initializer->periodic, periodic) << value;
  }
}

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
