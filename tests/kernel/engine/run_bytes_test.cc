// What a run allocates, on a heap that counts and fails: CompiledLayer::RunBytes, and
// errors instead of ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "kernel/engine/run_path.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/support/scale.h"
#include "tests/support/test_heap.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::FailingAllocation;
using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::PeakHeapBytes;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::RandomLayer;
using ::convoy::testing::Request;
using ::convoy::testing::StartCountingHeap;
using ::convoy::testing::TensorShape;

class RunBytesTest : public ::testing::Test {
 protected:
  std::unique_ptr<Request> MakeCut(const layer::Conv1D& layer, int64_t sequences, int64_t length) {
    return MakeRequest(layer, sequences, length,
                       RandomFloats(random_, sequences * length * layer.input_channels()), 3,
                       random_);
  }

  absl::Status Run(CompiledLayer& compiled, const Request& request) {
    const batch::Input* const inputs[] = {&request.input};
    batch::Output output;
    return compiled.Run(inputs, absl::MakeSpan(&output, 1), workspace_);
  }

  // What a run allocates at most at a time, once its tiles are there and nothing else
  // is kept.
  int64_t MeasuredBytes(CompiledLayer& compiled, const Request& request) {
    EXPECT_TRUE(Run(compiled, request).ok());
    workspace_.lists() = BatchLists();
    StartCountingHeap();
    EXPECT_TRUE(Run(compiled, request).ok());
    return PeakHeapBytes();
  }

  // The tolerance that is promised.
  void ExpectBounds(CompiledLayer& compiled, const Request& request) {
    const int64_t measured = MeasuredBytes(compiled, request);
    const int64_t told = compiled.RunBytes(request.input.shape);
    const int64_t pieces = static_cast<int64_t>(request.input.payload.size());
    EXPECT_LE(measured, told + kSmall + 2 * pieces * static_cast<int64_t>(sizeof(batch::Bytes)));
    EXPECT_LE(told, 2 * measured + kSlack);
  }

  void ExpectBounds(const layer::Conv1DConfig& config, int64_t channels, int64_t sequences,
                    int64_t length, RunPath path) {
    const auto compiled = CompiledLayer::Create(LayerOf(config, channels, random_)).value();
    const auto request = MakeCut(compiled->layer(), sequences, length);
    EXPECT_EQ(PathOf(compiled->layer(), request->input.shape), path);
    ExpectBounds(*compiled, *request);
  }

  // Heads of blocks, whole pages, and short lists.
  static constexpr int64_t kSmall = int64_t{16} << 10;
  static constexpr int64_t kSlack = int64_t{256} << 10;

  Random random_{11};
  batch::BufferPool pool_{0};  // keeps nothing
  Workspace workspace_{pool_};
};

layer::Conv1DConfig ConfigOf(int64_t kernel_size, layer::PaddingMode padding) {
  layer::Conv1DConfig config;
  config.filters = 24;
  config.window.kernel_size = kernel_size;
  config.window.padding.mode = padding;
  return config;
}

TEST_F(RunBytesTest, BoundsAPackedRun) {
  for (const int64_t length : {1, 10, 1000, 50'000}) {
    for (const int64_t sequences : {1, 3, 9}) {
      ExpectBounds(ConfigOf(5, layer::PaddingMode::kSame), 16, sequences, length, RunPath::kPacked);
    }
  }
}

TEST_F(RunBytesTest, BoundsARunInChunks) {
  ExpectBounds(ConfigOf(200, layer::PaddingMode::kSame), 1, 20'000, 4, RunPath::kChunks);
}

// 80 kB that are packed, all at once, into 3 GB.
TEST_F(RunBytesTest, ASoftmaxOverTheRequestIsConvolvedInChunks) {
  layer::Conv1DConfig config = ConfigOf(40'001, layer::PaddingMode::kSame);
  config.filters = 1;
  config.activation.kind = layer::ActivationKind::kSoftmax;
  config.activation.axes = 1;  // the first
  const auto compiled = CompiledLayer::Create(LayerOf(config, 1, random_)).value();
  const auto request = MakeCut(compiled->layer(), 1000, 1);
  EXPECT_EQ(PathOf(compiled->layer(), request->input.shape), RunPath::kChunks);
  ExpectBounds(*compiled, *request);
  EXPECT_LT(compiled->RunBytes(compiled->layer().CheckInput({20'000, 1, 1}).value()),
            int64_t{100} << 20);
}

TEST_F(RunBytesTest, BoundsADirectRun) {
  layer::Conv1DConfig config = ConfigOf(3, layer::PaddingMode::kCausal);
  config.window.dilation_rate = 1 << 20;
  ExpectBounds(config, 8, 5, 2000, RunPath::kDirect);
}

TEST_F(RunBytesTest, BoundsEveryActivationInEveryDtypeAndFormat) {
  for (const char* activation : {"linear", "gelu", "softmax", "log_softmax", "sparsemax", "glu"}) {
    for (const char* policy : {"float32", "float64", "mixed_bfloat16", "float16"}) {
      for (const auto format :
           {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
        SCOPED_TRACE(::testing::Message() << activation << " " << policy << " "
                                          << (format == layer::DataFormat::kChannelsFirst));
        layer::Conv1DConfig config = ConfigOf(3, layer::PaddingMode::kSame);
        config.dtype_policy = layer::DTypePolicyFromName(policy).value();
        config.activation = layer::ActivationFromName(activation).value();
        config.data_format = format;
        const bool twice = std::string(policy) == "float64";
        ExpectBounds(config, 40, 2, 3000, twice ? RunPath::kDirect : RunPath::kPacked);
      }
    }
  }
}

TEST_F(RunBytesTest, BoundsASoftmaxOverTime) {
  layer::Conv1DConfig config = ConfigOf(3, layer::PaddingMode::kSame);
  config.activation.kind = layer::ActivationKind::kSoftmax;
  config.activation.axes = 2;  // time
  ExpectBounds(config, 8, 2, 20'000, RunPath::kPacked);
}

TEST_F(RunBytesTest, BoundsRandomLayersAndShapes) {
  for (int compared = 0; compared < testing::Scaled(150, 3000);) {
    const auto layer = RandomLayer(random_);
    const int64_t sequences = Between(random_, 0, compared % 4 == 0 ? 200 : 3);
    const int64_t length = Between(random_, 0, compared % 4 == 1 ? 20'000 : 200);
    if (!layer->CheckInput(TensorShape(*layer, sequences, length)).ok()) continue;
    const auto compiled =
        CompiledLayer::Create(layer, {.deterministic = compared % 5 == 0}).value();
    ASSERT_NO_FATAL_FAILURE(ExpectBounds(*compiled, *MakeCut(*layer, sequences, length)));
    ++compared;
  }
}

TEST_F(RunBytesTest, TheSumBoundsABatchButForTheRoundingOfItsBlocks) {
  for (int round = 0; round < testing::Scaled(50, 500); ++round) {
    const auto layer = RandomLayer(random_);
    const auto compiled = CompiledLayer::Create(layer).value();
    std::vector<std::unique_ptr<Request>> requests;
    std::vector<const batch::Input*> inputs;
    int64_t told = 0;
    for (int i = 0; i < 12; ++i) {
      const int64_t length = Between(random_, 0, i % 3 == 0 ? 900 : 40);
      if (!layer->CheckInput(TensorShape(*layer, 2, length)).ok()) continue;
      requests.push_back(MakeCut(*layer, 2, length));
      inputs.push_back(&requests.back()->input);
      told += compiled->RunBytes(inputs.back()->shape);
    }
    for (const bool counted : {false, true}) {
      workspace_.lists() = BatchLists();
      if (counted) StartCountingHeap();
      std::vector<batch::Output> outputs(inputs.size());
      ASSERT_TRUE(compiled->Run(inputs, absl::MakeSpan(outputs), workspace_).ok());
    }
    EXPECT_LE(PeakHeapBytes(), told + told / 2 + kSmall);
  }
}

// Allocations of at least so many bytes fail.
constexpr size_t kLarge = 4096;

// Fails each large allocation of `work` in turn; returns how many there were. `work` is
// told of the failure that is to come.
template <typename Work>
int FailEach(Work work) {
  for (int nth = 0;; ++nth) {
    const FailingAllocation failing(nth, kLarge);
    work(failing);
    if (!failing.failed()) return nth;
  }
}

TEST_F(RunBytesTest, AnAllocationThatFailsIsAnErrorOfTheRunAndOfNoLaterOne) {
  struct Case {
    layer::Conv1DConfig config;
    int64_t channels, sequences, length;
  };
  layer::Conv1DConfig finished = ConfigOf(3, layer::PaddingMode::kSame);
  finished.activation.kind = layer::ActivationKind::kLogSoftmax;
  finished.activation.axes = 2;
  finished.data_format = layer::DataFormat::kChannelsFirst;
  layer::Conv1DConfig twice = ConfigOf(3, layer::PaddingMode::kSame);
  twice.dtype_policy = layer::DTypePolicyFromName("float64").value();
  for (const Case& each : {Case{ConfigOf(3, layer::PaddingMode::kSame), 8, 2, 3000},
                           Case{ConfigOf(200, layer::PaddingMode::kSame), 1, 5000, 4},
                           Case{finished, 8, 2, 3000}, Case{twice, 8, 2, 3000}}) {
    const auto compiled =
        CompiledLayer::Create(LayerOf(each.config, each.channels, random_)).value();
    const auto request = MakeCut(compiled->layer(), each.sequences, each.length);
    ASSERT_TRUE(Run(*compiled, *request).ok());
    const int failed = FailEach([&](const FailingAllocation& failing) {
      const absl::Status status = Run(*compiled, *request);
      EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
      EXPECT_EQ(status.ok(), !failing.failed());
      EXPECT_EQ(pool_.used_bytes(), 0u);
    });
    EXPECT_GE(failed, 2);
    EXPECT_TRUE(Run(*compiled, *request).ok());
  }
}

TEST_F(RunBytesTest, AnAllocationThatFailsIsAnErrorOfTheLayerThatIsCompiled) {
  for (const bool tune : {false, true}) {
    const auto layer = LayerOf(ConfigOf(9, layer::PaddingMode::kSame), 64, random_);
    const int failed = FailEach([&](const FailingAllocation& /*failing*/) {
      const auto compiled = CompiledLayer::Create(layer, {.tune = tune, .tuning_seconds = 0});
      if (compiled.ok()) return;
      EXPECT_TRUE(absl::IsResourceExhausted(compiled.status())) << compiled.status();
    });
    EXPECT_GE(failed, 1);
    EXPECT_TRUE(CompiledLayer::Create(layer).ok());
  }
}

TEST_F(RunBytesTest, TilesThatCannotBePreparedForWantOfMemoryAreMadeWhenTheyAreNeeded) {
  const auto layer = LayerOf(ConfigOf(9, layer::PaddingMode::kSame), 64, random_);
  const auto predecessor = CompiledLayer::Create(layer).value();
  const auto request = MakeCut(*layer, 1, 39);
  ASSERT_TRUE(Run(*predecessor, *request).ok());
  const auto compiled = CompiledLayer::Create(layer).value();
  constexpr size_t kObject = 256;  // of oneDNN
  const FailingAllocation failing(0, kObject, std::numeric_limits<int64_t>::max());
  compiled->PrepareFor(*predecessor);
  EXPECT_TRUE(failing.failed());
}

TEST_F(RunBytesTest, AShapeThatCannotBeTimedForWantOfMemoryKeepsItsTiles) {
  const auto compiled =
      CompiledLayer::Create(LayerOf(ConfigOf(9, layer::PaddingMode::kSame), 8, random_),
                            {.tune = true, .tuning_seconds = 0})
          .value();
  const auto request = MakeCut(compiled->layer(), 1, 39);
  for (int i = 0; i < ExactShapes::kOften; ++i) ASSERT_TRUE(Run(*compiled, *request).ok());
  ASSERT_TRUE(compiled->WantsImprovement());
  {
    const FailingAllocation failing(0, kLarge, std::numeric_limits<int64_t>::max());
    EXPECT_TRUE(compiled->Improve(workspace_));
    EXPECT_TRUE(failing.failed());
  }
  EXPECT_THAT(compiled->Describe(), ::testing::Not(::testing::HasSubstr("exact")));
  EXPECT_FALSE(compiled->Improve(workspace_));
  EXPECT_TRUE(Run(*compiled, *request).ok());
}

}  // namespace
}  // namespace convoy::engine
