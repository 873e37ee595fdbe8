// Activations, initializers and constraints by themselves against Keras.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "kernel/keras/constraint_json.h"
#include "kernel/keras/initializer_json.h"
#include "kernel/layer/activation.h"
#include "kernel/layer/axis_activation.h"
#include "kernel/layer/elementwise_activation.h"
#include "tests/kernel/keras/golden_file.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

std::vector<float> Apply(const layer::Activation& activation, std::vector<float> values) {
  if (layer::IsElementwise(activation)) {
    layer::ApplyElementwise(activation, absl::MakeSpan(values));
    return values;
  }
  const auto width = static_cast<int64_t>(values.size());
  layer::ApplyAxisActivation(
      activation, {.channels = true},
      layer::TensorView<const float>::ChannelsLast(values.data(), 1, 1, width),
      layer::TensorView<float>::ChannelsLast(values.data(), 1, 1, width));
  if (activation.kind == layer::ActivationKind::kGlu) values.resize(width / 2);
  return values;
}

TEST(GoldenValuesTest, ActivationsAgreeToAFewLastPlacesAndInEverySpecialValue) {
  for (const auto& golden : testing::GoldenCases("activations.json")) {
    SCOPED_TRACE(golden["name"].dump());
    const std::vector<double> input = testing::GoldenNumbers(golden["input"]);
    const std::vector<double> expected = testing::GoldenNumbers(golden["output"]);
    const auto activation = layer::ActivationFromName(golden["name"].get<std::string>());
    ASSERT_TRUE(activation.ok()) << activation.status();
    const auto output = Apply(*activation, std::vector<float>(input.begin(), input.end()));
    ASSERT_EQ(output.size(), expected.size());
    for (size_t i = 0; i < output.size(); ++i) {
      if (std::isnan(expected[i]) || std::isinf(expected[i])) {
        EXPECT_EQ(std::isnan(output[i]), std::isnan(expected[i])) << input[i];
        if (std::isinf(expected[i])) {
          EXPECT_EQ(output[i], expected[i]) << input[i];
        }
        continue;
      }
      // Functions that cancel are as good as their input allows.
      const double scale = std::max(std::fabs(expected[i]), 0.1 * std::fabs(input[i]));
      EXPECT_NEAR(output[i], expected[i], 1.5e-6 * scale + 1e-37) << input[i];
    }
    if (golden.contains("negative_zero")) {
      EXPECT_EQ(std::signbit(output[3]) && output[3] == 0.0f, golden["negative_zero"].get<bool>());
    }
  }
}

TEST(GoldenValuesTest, InitializersFollowTheSameLaws) {
  for (const auto& golden : testing::GoldenCases("initializers.json")) {
    SCOPED_TRACE(golden["initializer"].dump());
    const auto initializer = ParseInitializer(json(golden["initializer"]));
    ASSERT_TRUE(initializer.ok()) << initializer.status();
    const auto shape = golden["shape"].get<std::vector<int64_t>>();
    const auto values = layer::Initialize(*initializer, shape, 0);
    ASSERT_TRUE(values.ok()) << values.status();
    if (golden.contains("values")) {
      const std::vector<double> expected = testing::GoldenNumbers(golden["values"]);
      for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*values)[i], expected[i], 1e-6);
      continue;
    }
    const auto count = static_cast<double>(values->size());
    const double mean = std::accumulate(values->begin(), values->end(), 0.0) / count;
    double squares = 0.0, largest = 0.0;
    for (const double value : *values) {
      squares += (value - mean) * (value - mean);
      largest = std::max(largest, std::fabs(value));
    }
    const double stddev = golden["stddev"].get<double>();
    EXPECT_NEAR(mean, golden["mean"].get<double>(), 6.0 * stddev / std::sqrt(count));
    EXPECT_NEAR(std::sqrt(squares / count), stddev, 0.03 * stddev);
    // Bounded laws come close to their bound; a normal law has none.
    EXPECT_NEAR(largest, golden["largest"].get<double>(), 0.2 * golden["largest"].get<double>());
  }
}

TEST(GoldenValuesTest, ConstraintsProjectTheSameWay) {
  for (const auto& golden : testing::GoldenCases("constraints.json")) {
    SCOPED_TRACE(golden["constraint"].dump());
    const auto constraint = ParseConstraint(json(golden["constraint"]));
    ASSERT_TRUE(constraint.ok()) << constraint.status();
    std::vector<double> values = testing::GoldenNumbers(golden["input"]);
    const auto shape = golden["shape"].get<std::vector<int64_t>>();
    ASSERT_TRUE(layer::ApplyConstraint(*constraint, shape, absl::MakeSpan(values)).ok());
    const std::vector<double> expected = testing::GoldenNumbers(golden["output"]);
    for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-6);
  }
}

}  // namespace
}  // namespace convoy::keras
