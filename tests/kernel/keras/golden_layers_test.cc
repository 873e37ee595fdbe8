// Whole layers against Keras: numbers, shapes, dtypes, parameters, losses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernel/batch/activity_loss.h"
#include "kernel/keras/conv1d_json.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/output_shape.h"
#include "kernel/layer/tensor_values.h"
#include "tests/kernel/keras/golden_file.h"
#include "tests/kernel/support/reference.h"

namespace convoy::keras {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using testing::Elements;
using testing::Wave;

layer::Tensor WaveTensor(std::vector<int64_t> shape, uint64_t stream, layer::DType dtype) {
  return layer::FromDoubles(dtype, shape, Wave(Elements(shape), stream));
}

// The layer of a golden case with the generator's weights.
absl::StatusOr<layer::Conv1D> BuildCase(const ordered_json& golden) {
  absl::StatusOr<layer::Conv1DConfig> config = ParseConv1DConfig(json(golden["config"]));
  if (!config.ok()) return config.status();
  const auto shape = golden["input_shape"].get<std::vector<int64_t>>();
  const int64_t channels = shape[config->data_format == layer::DataFormat::kChannelsLast ? 2 : 1];
  const layer::DType dtype = config->dtype_policy.variable_dtype;
  const std::vector<int64_t> kernel = layer::KernelShape(*config, channels);
  layer::Conv1DWeights weights{.kernel = WaveTensor(kernel, testing::kKernelWave, dtype)};
  if (config->use_bias) weights.bias = WaveTensor({config->filters}, testing::kBiasWave, dtype);
  if (config->lora_rank.has_value()) {
    weights.lora_kernel_a = WaveTensor({kernel[0], kernel[1], *config->lora_rank},
                                       testing::kLoraAWave, layer::DType::kFloat32);
    weights.lora_kernel_b = WaveTensor({*config->lora_rank, config->filters}, testing::kLoraBWave,
                                       layer::DType::kFloat32);
  }
  if (golden.contains("alpha_shape")) {
    weights.activation_alpha = WaveTensor(golden["alpha_shape"].get<std::vector<int64_t>>(),
                                          testing::kAlphaWave, layer::DType::kFloat32);
  }
  return layer::Conv1D::Build(*std::move(config), channels, std::move(weights));
}

// A unit in the last place of `dtype` at `value`.
double Ulp(layer::DType dtype, double value) {
  const int bits = dtype == layer::DType::kBfloat16  ? 8
                   : dtype == layer::DType::kFloat16 ? 11
                   : dtype == layer::DType::kFloat32 ? 24
                                                     : 53;
  return std::ldexp(1.0, std::max(std::ilogb(std::max(value, 1e-30)), -14) - bits + 1);
}

struct Comparison {
  int64_t values = 0;
  int64_t identical = 0;
  double worst = 0.0;  // in units of what is allowed
};

// What one value may be off: rounding of the sum for float32 and float64, one
// last place of the largest intermediate for the narrow dtypes.
double Allowed(const layer::Conv1D& layer, const testing::ReferenceResult& reference) {
  const double largest = *std::max_element(reference.magnitude.begin(), reference.magnitude.end());
  const layer::DType compute = layer.compute_dtype(), output = layer.output_dtype();
  // LoRA factors are multiplied in float32, also for float64.
  if (compute == layer::DType::kFloat64 && output == layer::DType::kFloat64 &&
      !layer.config().lora_rank.has_value()) {
    return 1e-13 * largest;
  }
  if (layer::SizeOf(compute) == 2) return Ulp(compute, largest);
  return 2e-6 * largest;
}

Comparison CompareCase(const ordered_json& golden, const layer::Conv1D& layer) {
  const auto shape = golden["input_shape"].get<std::vector<int64_t>>();
  const auto checked = layer.CheckInput(shape);
  EXPECT_TRUE(checked.ok()) << checked.status();
  if (!checked.ok()) return {};
  const testing::ReferenceResult reference =
      testing::ReferenceConv1D(layer, *checked, Wave(Elements(shape), testing::kInputWave));
  const auto output_shape = layer.OutputShape(*checked);
  EXPECT_EQ(std::vector<int64_t>(output_shape.begin(), output_shape.end()),
            golden["output_shape"].get<std::vector<int64_t>>());
  EXPECT_EQ(std::string(layer::KerasName(layer.output_dtype())),
            golden["output_dtype"].get<std::string>());
  EXPECT_EQ(layer.variables().count_params, golden["count_params"].get<int64_t>());
  const std::vector<double> expected = testing::GoldenNumbers(golden["output"]);
  EXPECT_EQ(reference.output.size(), expected.size());
  Comparison comparison;
  const double allowed = Allowed(layer, reference);
  for (size_t i = 0; i < std::min(expected.size(), reference.output.size()); ++i) {
    const double error = std::fabs(reference.output[i] - expected[i]);
    comparison.worst = std::max(comparison.worst, error / allowed);
    comparison.identical += error == 0.0;
    ++comparison.values;
  }
  return comparison;
}

void CompareLosses(const ordered_json& golden, const layer::Conv1D& layer) {
  std::vector<double> losses;
  const layer::Conv1DConfig& config = layer.config();
  if (config.activity_regularizer.has_value()) {
    const auto shape = golden["output_shape"].get<std::vector<int64_t>>();
    const layer::Tensor answer =
        layer::FromDoubles(layer.output_dtype(), shape, testing::GoldenNumbers(golden["output"]));
    batch::Output output;
    output.pieces.push_back(answer.data);
    losses.push_back(batch::ActivityLoss(layer, {shape[0], shape[1], shape[2]}, output).value());
  }
  ASSERT_TRUE(layer.variables().losses.ok()) << layer.variables().losses.status();
  for (const layer::WeightLoss& loss : *layer.variables().losses) losses.push_back(loss.value);
  std::vector<double> expected;
  if (golden.contains("losses")) expected = testing::GoldenNumbers(golden["losses"]);
  ASSERT_EQ(losses.size(), expected.size());
  // Keras sums in the output dtype.
  const double tolerance = layer.output_dtype() == layer::DType::kBfloat16 ? 0.02 : 1e-5;
  for (size_t i = 0; i < losses.size(); ++i) {
    EXPECT_NEAR(losses[i], expected[i], tolerance * std::fabs(expected[i])) << i;
  }
}

TEST(GoldenLayersTest, EveryLayerAnswersWhatKerasAnswers) {
  const ordered_json cases = testing::GoldenCases("layers.json");
  ASSERT_GT(cases.size(), 150u);
  Comparison narrow;
  for (const auto& golden : cases) {
    SCOPED_TRACE(golden["config"].dump() + golden["input_shape"].dump());
    const auto layer = BuildCase(golden);
    ASSERT_TRUE(layer.ok()) << layer.status();
    const Comparison comparison = CompareCase(golden, *layer);
    EXPECT_LE(comparison.worst, 1.0);
    CompareLosses(golden, *layer);
    // Keras computes gelu, silu and softmax in the narrow dtype itself: those
    // may be off by the last place, others not.
    const layer::ActivationKind kind = layer->config().activation.kind;
    if (layer::SizeOf(layer->output_dtype()) != 2 || kind == layer::ActivationKind::kGelu ||
        kind == layer::ActivationKind::kSilu || kind == layer::ActivationKind::kSoftmax) {
      continue;
    }
    narrow.values += comparison.values;
    narrow.identical += comparison.identical;
  }
  RecordProperty("narrow_values", static_cast<int>(narrow.values));
  RecordProperty("narrow_identical", static_cast<int>(narrow.identical));
  EXPECT_GE(static_cast<double>(narrow.identical), 0.999 * static_cast<double>(narrow.values));
}

TEST(GoldenLayersTest, ComputeOutputShapeIsKeras) {
  for (const auto& golden : testing::GoldenCases("shapes.json")) {
    SCOPED_TRACE(golden.dump());
    std::vector<int64_t> shape;
    for (const auto& dimension : golden["shape"]) {
      shape.push_back(dimension.is_null() ? -1 : dimension.get<int64_t>());
    }
    const auto config = ParseConv1DConfig(json(golden["config"]));
    ASSERT_TRUE(config.ok());
    const auto output = layer::ComputeOutputShape(*config, shape);
    ASSERT_EQ(output.ok(), golden.contains("output_shape")) << output.status();
    if (!output.ok()) continue;
    std::vector<int64_t> expected;
    for (const auto& dimension : golden["output_shape"]) {
      expected.push_back(dimension.is_null() ? -1 : dimension.get<int64_t>());
    }
    EXPECT_EQ(*output, expected);
  }
}

}  // namespace
}  // namespace convoy::keras
