#include "kernel/engine/compiled_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "kernel/batch/parts.h"
#include "kernel/layer/tensor_values.h"
#include "tests/kernel/engine/layer_run.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"
#include "tests/support/scale.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::Floats;
using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::RandomLayer;
using ::convoy::testing::Request;
using ::convoy::testing::TensorShape;

class CompiledLayerTest : public testing::LayerRunTest {
 protected:
  std::unique_ptr<CompiledLayer> Compile(std::shared_ptr<const layer::Conv1D> layer) {
    return CompiledLayer::Create(std::move(layer)).value();
  }
};

TEST_F(CompiledLayerTest, AgreesWithTheReferenceForRandomLayersAndLengths) {
  int compared = 0;
  while (compared < testing::Scaled(500, 2500)) {
    const auto layer = RandomLayer(random_);
    const int64_t length = Between(random_, 0, 300);
    const int64_t sequences = Between(random_, 1, 4);
    if (!layer->CheckInput(TensorShape(*layer, sequences, length)).ok()) continue;
    const auto compiled = Compile(layer);
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(RandomRequest(*layer, sequences, length));
    ASSERT_NO_FATAL_FAILURE(
        ExpectNearReference(*layer, *requests[0], Run(*compiled, requests)[0], 1e-5));
    ++compared;
  }
}

TEST_F(CompiledLayerTest, ABatchOfManyLengthsAnswersAsOneByOne) {
  for (int round = 0; round < testing::Scaled(60, 300); ++round) {
    const auto layer = RandomLayer(random_);
    const auto compiled = Compile(layer);
    std::vector<std::unique_ptr<Request>> requests;
    for (int i = 0; i < 24; ++i) {
      const int64_t length = Between(random_, 0, i % 3 == 0 ? 900 : 40);
      const int64_t sequences = Between(random_, 1, 3);
      if (!layer->CheckInput(TensorShape(*layer, sequences, length)).ok()) continue;
      requests.push_back(RandomRequest(*layer, sequences, length));
    }
    const auto together = Run(*compiled, requests);
    for (size_t i = 0; i < requests.size(); ++i) {
      std::vector<std::unique_ptr<Request>> alone;
      alone.push_back(std::move(requests[i]));
      const std::vector<float> expected = Run(*compiled, alone)[0];
      const testing::ReferenceResult reference =
          testing::ReferenceConv1D(*layer, alone[0]->input.shape, alone[0]->values);
      ASSERT_EQ(together[i].size(), expected.size());
      for (size_t j = 0; j < expected.size(); ++j) {
        ASSERT_NEAR(together[i][j], expected[j], 1e-6 * reference.magnitude[j] + 1e-30);
      }
    }
  }
}

TEST_F(CompiledLayerTest, ARequestCutIntoPartsAnswersAsAWhole) {
  int cut = 0;
  for (int round = 0; round < testing::Scaled(300, 2000); ++round) {
    const auto layer = RandomLayer(random_);
    const int64_t length = Between(random_, 0, 300);
    const int64_t sequences = Between(random_, 1, 4);
    if (!layer->CheckInput(TensorShape(*layer, sequences, length)).ok()) continue;
    const auto compiled = Compile(layer);
    const auto whole = RandomRequest(*layer, sequences, length);
    const std::vector<batch::Input> parts =
        batch::Cut(*layer, whole->input, Between(random_, 1, 9));
    std::vector<const batch::Input*> inputs;
    for (const batch::Input& part : parts) inputs.push_back(&part);
    std::vector<batch::Output> outputs(parts.size());
    ASSERT_TRUE(compiled->Run(inputs, absl::MakeSpan(outputs), workspace_).ok());
    const std::vector<float> answer = Floats(batch::Join(std::move(outputs)));
    ASSERT_NO_FATAL_FAILURE(ExpectNearReference(*layer, *whole, answer, 1e-5));
    if (parts.size() > 1) ++cut;
  }
  EXPECT_GT(cut, 50);
}

// What rounding to the layer's dtypes may change, relative to the largest
// intermediate value.
double Rounding(const layer::Conv1D& layer) {
  double rounding = 1e-5;
  for (const layer::DType dtype : {layer.compute_dtype(), layer.output_dtype()}) {
    if (dtype == layer::DType::kBfloat16) rounding = std::max(rounding, 0x1p-7);
    if (dtype == layer::DType::kFloat16) rounding = std::max(rounding, 0x1p-10);
  }
  return rounding;
}

std::vector<double> Values(layer::DType dtype, const batch::Output& output) {
  layer::Tensor tensor;
  tensor.dtype = dtype;
  for (const batch::Bytes& piece : output.pieces) {
    tensor.data.insert(tensor.data.end(), piece.begin(), piece.end());
  }
  tensor.shape = {static_cast<int64_t>(tensor.data.size()) / layer::SizeOf(dtype)};
  return layer::ToDoubles(tensor);
}

TEST_F(CompiledLayerTest, EveryActivationInEveryDTypeAndFormatAgreesWithTheReference) {
  constexpr const char* kPolicies[] = {"float32", "float64",        "bfloat16",
                                       "float16", "mixed_bfloat16", "mixed_float16"};
  for (const char* activation :
       {"linear", "relu", "gelu", "tanh", "softmax", "log_softmax", "sparsemax", "glu"}) {
    for (const char* policy : kPolicies) {
      for (const bool first : {false, true}) {
        SCOPED_TRACE(::testing::Message() << activation << " " << policy << " " << first);
        layer::Conv1DConfig config;
        config.filters = 6;
        config.window.kernel_size = 3;
        config.dtype_policy = layer::DTypePolicyFromName(policy).value();
        config.activation = layer::ActivationFromName(activation).value();
        if (first) config.data_format = layer::DataFormat::kChannelsFirst;
        const auto layer = LayerOf(config, 5, random_);
        const auto compiled = Compile(layer);
        std::vector<std::unique_ptr<Request>> requests;
        for (const int64_t length : {8, 26, 4}) {
          requests.push_back(RandomRequest(*layer, 2, length));
        }
        std::vector<const batch::Input*> inputs;
        for (const auto& request : requests) inputs.push_back(&request->input);
        std::vector<batch::Output> outputs(requests.size());
        ASSERT_TRUE(compiled->Run(inputs, absl::MakeSpan(outputs), workspace_).ok());
        for (size_t i = 0; i < requests.size(); ++i) {
          const auto expected =
              testing::ReferenceConv1D(*layer, requests[i]->input.shape, requests[i]->values);
          const std::vector<double> values = Values(layer->output_dtype(), outputs[i]);
          ASSERT_EQ(values.size(), expected.output.size());
          EXPECT_EQ(compiled->OutputBytes(requests[i]->input.shape),
                    static_cast<int64_t>(values.size()) * layer::SizeOf(layer->output_dtype()));
          const double largest =
              *std::max_element(expected.magnitude.begin(), expected.magnitude.end());
          for (size_t j = 0; j < values.size(); ++j) {
            ASSERT_NEAR(values[j], expected.output[j], Rounding(*layer) * largest) << j;
          }
        }
      }
    }
  }
}

TEST_F(CompiledLayerTest, InputsOfOtherDTypesAreCast) {
  layer::Conv1DConfig config;
  config.filters = 3;
  for (const bool first : {false, true}) {
    if (first) config.data_format = layer::DataFormat::kChannelsFirst;
    const auto layer = LayerOf(config, 2, random_);
    const auto compiled = Compile(layer);
    const std::vector<float> values = {1, -2, 3, 40, -5, 6, 70, 8};
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(MakeRequest(*layer, 1, 4, values, 0, random_));
    const std::vector<float> expected = Run(*compiled, requests)[0];
    const std::vector<int8_t> bytes(values.begin(), values.end());
    const std::vector<int64_t> longs(values.begin(), values.end());
    const std::vector<double> doubles(values.begin(), values.end());
    const auto run_as = [&](layer::DType dtype, const void* data) {
      batch::Input input;
      input.shape = requests[0]->input.shape;
      input.dtype = dtype;
      const size_t size = values.size() * static_cast<size_t>(layer::SizeOf(dtype));
      const batch::Bytes all(static_cast<const std::byte*>(data), size);
      input.payload = {all.subspan(0, size / 2 + 1), all.subspan(size / 2 + 1)};
      const batch::Input* const inputs[] = {&input};
      batch::Output output;
      EXPECT_TRUE(compiled->Run(inputs, absl::MakeSpan(&output, 1), workspace_).ok());
      return Floats(output);
    };
    EXPECT_EQ(run_as(layer::DType::kInt8, bytes.data()), expected);
    EXPECT_EQ(run_as(layer::DType::kInt64, longs.data()), expected);
    EXPECT_EQ(run_as(layer::DType::kFloat64, doubles.data()), expected);
  }
}

TEST_F(CompiledLayerTest, TuningKeepsTheNumbers) {
  for (const int64_t strides : {1, 4}) {
    layer::Conv1DConfig config;
    config.filters = 24;
    config.window.kernel_size = 80;
    config.window.strides = strides;
    const auto layer = LayerOf(config, 1, random_);
    const auto compiled = CompiledLayer::Create(layer, {.tune = true}).value();
    for (const int64_t length : {80, 90, 3000, 8000}) {
      std::vector<std::unique_ptr<Request>> requests;
      requests.push_back(RandomRequest(*layer, 1, length));
      requests.push_back(RandomRequest(*layer, 2, length + 3));
      const auto answers = Run(*compiled, requests);
      ExpectNearReference(*layer, *requests[0], answers[0], 1e-5);
      ExpectNearReference(*layer, *requests[1], answers[1], 1e-5);
    }
  }
}

// A batch that is random but for one request, which may lie anywhere in it.
TEST_F(CompiledLayerTest, ADeterministicLayerAnswersWithTheSameBitsAloneAndInAnyBatch) {
  for (int round = 0; round < testing::Scaled(150, 1500); ++round) {
    const auto layer = RandomLayer(random_);
    const CompileOptions options{.tune = round % 8 == 0, .deterministic = true};
    const auto compiled = CompiledLayer::Create(layer, options).value();
    EXPECT_TRUE(compiled->deterministic());
    std::vector<std::unique_ptr<Request>> requests;
    for (int i = 0; i < 8; ++i) {
      const int64_t length = Between(random_, 0, i % 3 == 0 ? 900 : 40);
      const int64_t sequences = Between(random_, 1, 3);
      if (!layer->CheckInput(TensorShape(*layer, sequences, length)).ok()) continue;
      requests.push_back(RandomRequest(*layer, sequences, length));
    }
    const auto together = Run(*compiled, requests);
    const auto again = CompiledLayer::Create(layer, options).value();
    for (size_t i = 0; i < requests.size(); ++i) {
      std::vector<std::unique_ptr<Request>> alone;
      alone.push_back(std::move(requests[i]));
      ASSERT_EQ(Run(*again, alone)[0], together[i]) << "request " << i;
    }
  }
}

// Tiles that cover a length are given up for the exact problem where it comes often.
TEST_F(CompiledLayerTest, AShapeThatComesOftenIsTimedAndKeepsItsNumbers) {
  layer::Conv1DConfig config;
  config.filters = 16;
  config.window.kernel_size = 3;
  config.window.dilation_rate = 9;
  config.window.padding.mode = layer::PaddingMode::kSame;
  const auto layer = LayerOf(config, 8, random_);
  const auto compiled = CompiledLayer::Create(layer, {.tune = true}).value();
  EXPECT_FALSE(compiled->Improve(workspace_));
  std::vector<std::unique_ptr<Request>> requests;
  for (int i = 0; i < 5; ++i) requests.push_back(RandomRequest(*layer, 1, 39));
  for (int i = 0; i < 2 * ExactShapes::kOften; ++i) (void)Run(*compiled, requests);
  int timed = 0;
  while (compiled->Improve(workspace_)) ++timed;
  EXPECT_EQ(timed, 3);  // 1, 2 and 4 sequences of 39 outputs
  const auto answers = Run(*compiled, requests);
  for (size_t i = 0; i < requests.size(); ++i) {
    ExpectNearReference(*layer, *requests[i], answers[i], 1e-5);
  }
}

TEST_F(CompiledLayerTest, ASuccessorFindsAllTilesThatRequestsNeedMade) {
  layer::Conv1DConfig config;
  config.filters = 8;
  config.window.kernel_size = 3;
  const auto layer = LayerOf(config, 4, random_);
  const auto fresh = LayerOf(config, 4, random_);  // the same but for its weights
  ByteBudget budget;
  TuningMemory memory;  // the same costs, so that equal requests are planned alike
  const auto compile = [&](const std::shared_ptr<const layer::Conv1D>& made) {
    return CompiledLayer::Create(made, {.tune = true, .memory = &memory, .budget = &budget})
        .value();
  };
  const auto predecessor = compile(layer);
  std::vector<std::unique_ptr<Request>> requests;
  for (const int64_t length : {7, 39, 150}) requests.push_back(RandomRequest(*layer, 1, length));
  for (int i = 0; i < 40; ++i) Run(*predecessor, requests);
  while (predecessor->Improve(workspace_)) {
  }
  Run(*predecessor, requests);
  const auto successor = compile(fresh);
  successor->PrepareFor(*predecessor);
  const uint64_t misses = budget.figures().misses;
  const auto answers = Run(*successor, requests);
  EXPECT_EQ(budget.figures().misses, misses);
  for (size_t i = 0; i < requests.size(); ++i) {
    ExpectNearReference(*fresh, *requests[i], answers[i], 1e-6);
  }
}

TEST_F(CompiledLayerTest, ASuccessorOfAnotherShapeTakesWhatFits) {
  layer::Conv1DConfig config;
  config.filters = 8;
  config.window.kernel_size = 3;
  const auto predecessor = Compile(LayerOf(config, 4, random_));
  config.filters = 5;
  config.window.kernel_size = 7;
  const auto layer = LayerOf(config, 2, random_);
  const auto successor = Compile(layer);
  successor->PrepareFor(*predecessor);
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(RandomRequest(*layer, 2, 50));
  ExpectNearReference(*layer, *requests[0], Run(*successor, requests)[0], 1e-6);
}

TEST_F(CompiledLayerTest, CompilingEndsWhenTimingIsNotWantedAnyMore) {
  layer::Conv1DConfig config;
  config.filters = 8;
  const auto layer = LayerOf(config, 4, random_);
  int asked = 0;
  const auto stopped =
      CompiledLayer::Create(layer, {.tune = true, .pause = [&] { return ++asked < 3; }});
  EXPECT_TRUE(absl::IsCancelled(stopped.status()));
  EXPECT_EQ(asked, 3);
}

TEST_F(CompiledLayerTest, WithoutTuningNothingIsTimedLaterEither) {
  for (const CompileOptions& options :
       {CompileOptions{}, CompileOptions{.tune = true, .deterministic = true}}) {
    layer::Conv1DConfig config;
    config.filters = 16;
    const auto compiled = CompiledLayer::Create(LayerOf(config, 8, random_), options).value();
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(RandomRequest(compiled->layer(), 1, 39));
    for (int i = 0; i < 2 * ExactShapes::kOften; ++i) (void)Run(*compiled, requests);
    EXPECT_FALSE(compiled->Improve(workspace_));
  }
}

TEST_F(CompiledLayerTest, LayersThatShareABudgetMuchTooSmallStillAnswerRight) {
  ByteBudget budget(1);
  std::vector<std::shared_ptr<const layer::Conv1D>> layers;
  std::vector<std::unique_ptr<CompiledLayer>> compiled;
  for (int i = 0; i < 3; ++i) {
    layer::Conv1DConfig config;
    config.filters = 4 + i;
    config.window.kernel_size = 16;
    layers.push_back(LayerOf(config, 1, random_));
    compiled.push_back(
        CompiledLayer::Create(layers[i], {.tune = i == 1, .budget = &budget}).value());
  }
  for (int round = 0; round < 20; ++round) {
    const int i = round % 3;
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(RandomRequest(*layers[i], 2, Between(random_, 16, 600)));
    ASSERT_NO_FATAL_FAILURE(
        ExpectNearReference(*layers[i], *requests[0], Run(*compiled[i], requests)[0], 1e-5));
  }
  EXPECT_GT(budget.figures().evictions, 10u);
}

TEST_F(CompiledLayerTest, DescribesWhatWasChosen) {
  layer::Conv1DConfig config;
  config.filters = 4;
  const auto layer = LayerOf(config, 2, random_);
  EXPECT_THAT(Compile(layer)->Describe(), ::testing::StartsWith("1..2048: 1-D (1-D: "));
  const auto fixed = CompiledLayer::Create(layer, {.deterministic = true}).value();
  EXPECT_THAT(fixed->Describe(), ::testing::StartsWith("deterministic, "));
}

TEST_F(CompiledLayerTest, NonFiniteValuesNeverReachANeighboursAnswer) {
  constexpr float kPoison[] = {std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN()};
  for (int round = 0; round < 60; ++round) {
    const auto layer = RandomLayer(random_);
    const auto compiled = Compile(layer);
    std::vector<std::unique_ptr<Request>> requests;
    for (int i = 0; i < 12; ++i) {
      const int64_t length = Between(random_, 80, 130);
      std::vector<float> values = RandomFloats(random_, length * layer->input_channels());
      if (i % 2 == 1) std::fill(values.begin(), values.end(), kPoison[i % 3]);
      requests.push_back(MakeRequest(*layer, 1, length, std::move(values), 1, random_));
    }
    const auto answers = Run(*compiled, requests);
    for (size_t i = 0; i < requests.size(); i += 2) {
      ASSERT_NO_FATAL_FAILURE(ExpectNearReference(*layer, *requests[i], answers[i], 1e-5));
    }
  }
}

TEST_F(CompiledLayerTest, ReluKeepsNaN) {
  layer::Conv1DConfig config;
  config.filters = 40;
  config.activation.kind = layer::ActivationKind::kRelu;
  const auto layer = LayerOf(config, 3, random_);
  const auto compiled = Compile(layer);
  std::vector<float> values = RandomFloats(random_, 3 * 50);
  values[3 * 20 + 1] = std::numeric_limits<float>::quiet_NaN();
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(MakeRequest(*layer, 1, 50, values, 0, random_));
  const std::vector<float> answer = Run(*compiled, requests)[0];
  for (int64_t t = 0; t < 50; ++t) {
    for (int64_t f = 0; f < 40; ++f) EXPECT_EQ(std::isnan(answer[t * 40 + f]), t == 20);
  }
}

TEST_F(CompiledLayerTest, OutputBytesAreTheAnswersSize) {
  layer::Conv1DConfig config;
  config.filters = 7;
  config.window.kernel_size = 3;
  const auto compiled = Compile(LayerOf(config, 2, random_));
  const auto shape = compiled->layer().CheckInput({5, 12, 2}).value();
  EXPECT_EQ(compiled->OutputBytes(shape), 5 * 10 * 7 * 4);
}

// A double layer does the same work without oneDNN, some times slower.
TEST_F(CompiledLayerTest, AnEstimateIsThatOfThePathThatTheRequestRuns) {
  layer::Conv1DConfig config;
  config.filters = 128;
  config.window.kernel_size = 5;
  layer::Conv1DConfig twice = config;
  twice.dtype_policy = layer::DTypePolicyFromName("float64").value();
  for (const bool tune : {false, true}) {
    const auto seconds = [&](const layer::Conv1DConfig& of) {
      const auto compiled = CompiledLayer::Create(LayerOf(of, 64, random_), {.tune = tune}).value();
      return compiled->EstimateSeconds(compiled->layer().CheckInput({1, 1000, 64}).value());
    };
    EXPECT_GT(seconds(twice), seconds(config)) << tune;
  }
}

TEST_F(CompiledLayerTest, EstimatesGrowWithTheWork) {
  layer::Conv1DConfig config;
  config.filters = 64;
  config.window.kernel_size = 3;
  const auto compiled = Compile(LayerOf(config, 64, random_));
  const auto seconds = [&](int64_t sequences, int64_t length) {
    return compiled->EstimateSeconds(compiled->layer().CheckInput({sequences, length, 64}).value());
  };
  EXPECT_GT(seconds(1, 100), 0.0);
  EXPECT_GT(seconds(1, 1000), 2 * seconds(1, 100));
  EXPECT_DOUBLE_EQ(seconds(8, 100), 8 * seconds(1, 100));
}

}  // namespace
}  // namespace convoy::engine
