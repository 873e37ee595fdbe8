#include "kernel/engine/compiled_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "kernel/layer/reference.h"
#include "tests/kernel/support/random_layer.h"
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

class CompiledLayerTest : public ::testing::Test {
 protected:
  // Runs the requests in one batch.
  std::vector<std::vector<float>> Run(CompiledLayer& compiled,
                                      const std::vector<std::unique_ptr<Request>>& requests) {
    std::vector<const batch::Input*> inputs;
    for (const auto& request : requests) inputs.push_back(&request->input);
    std::vector<batch::Output> outputs(requests.size());
    const absl::Status status = compiled.Run(inputs, absl::MakeSpan(outputs), workspace_);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::vector<float>> answers;
    for (const batch::Output& output : outputs) answers.push_back(Floats(output));
    return answers;
  }

  std::unique_ptr<CompiledLayer> Compile(std::shared_ptr<const layer::Conv1D> layer) {
    return CompiledLayer::Create(std::move(layer)).value();
  }

  std::unique_ptr<Request> RandomRequest(const layer::Conv1D& layer, int64_t sequences,
                                         int64_t length) {
    return MakeRequest(layer, sequences, length,
                       RandomFloats(random_, sequences * length * layer.input_channels()),
                       static_cast<int>(Between(random_, 0, 3)), random_);
  }

  // `tolerance` is relative to the sum of absolute products of each output.
  void ExpectNearReference(const layer::Conv1D& layer, const Request& request,
                           const std::vector<float>& answer, double tolerance) {
    const layer::ReferenceResult expected =
        layer::ReferenceConv1D(layer, request.input.shape, request.values);
    ASSERT_EQ(answer.size(), expected.output.size());
    for (size_t i = 0; i < answer.size(); ++i) {
      ASSERT_NEAR(answer[i], expected.output[i], tolerance * expected.magnitude[i] + 1e-30) << i;
    }
  }

  Random random_{20240611};
  batch::BufferPool pool_{size_t{64} << 20};
  Workspace workspace_{pool_};
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
      const layer::ReferenceResult reference =
          layer::ReferenceConv1D(*layer, alone[0]->input.shape, alone[0]->values);
      ASSERT_EQ(together[i].size(), expected.size());
      for (size_t j = 0; j < expected.size(); ++j) {
        ASSERT_NEAR(together[i][j], expected[j], 1e-6 * reference.magnitude[j] + 1e-30);
      }
    }
  }
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

TEST_F(CompiledLayerTest, ManyShortSequencesRunInPartsOfBoundedMemory) {
  layer::Conv1DConfig config;
  config.filters = 2;
  config.window.kernel_size = 200;
  config.window.padding.mode = layer::PaddingMode::kSame;
  const auto layer = LayerOf(config, 1, random_);
  const auto compiled = Compile(layer);
  // Packed at once, the padding of 100,000 sequences would take 160 MB.
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(RandomRequest(*layer, 100000, 2));
  ExpectNearReference(*layer, *requests[0], Run(*compiled, requests)[0], 1e-5);
  EXPECT_LT(pool_.idle_bytes() + pool_.used_bytes(), size_t{64} << 20);
}

TEST_F(CompiledLayerTest, ADilationMuchLongerThanTheSignalNeedsNoPaddedCopy) {
  for (const auto mode : {layer::PaddingMode::kSame, layer::PaddingMode::kCausal}) {
    layer::Conv1DConfig config;
    config.filters = 6;
    config.groups = 2;
    config.window.kernel_size = 3;
    config.window.dilation_rate = int64_t{1} << 40;
    config.window.padding.mode = mode;
    const auto layer = LayerOf(config, 4, random_);
    const auto compiled = Compile(layer);
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(RandomRequest(*layer, 2, 31));
    ExpectNearReference(*layer, *requests[0], Run(*compiled, requests)[0], 1e-5);
  }
}

TEST_F(CompiledLayerTest, AStrideMuchLongerThanTheSignalTakesNoRoom) {
  for (const int64_t strides : {int64_t{1} << 20, int64_t{1} << 40,
                                std::numeric_limits<int64_t>::max()}) {
    layer::Conv1DConfig config;
    config.filters = 4;
    config.window.kernel_size = 3;
    config.window.strides = strides;
    const auto layer = LayerOf(config, 64, random_);
    const auto compiled = Compile(layer);
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(RandomRequest(*layer, 2, 50));
    ExpectNearReference(*layer, *requests[0], Run(*compiled, requests)[0], 1e-5);
    EXPECT_LT(pool_.idle_bytes() + pool_.used_bytes(), size_t{1} << 20);
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
