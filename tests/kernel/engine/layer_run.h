// What tests of runs share: a workspace, random requests, and the reference.
#ifndef CONVOY_TESTS_KERNEL_ENGINE_LAYER_RUN_H_
#define CONVOY_TESTS_KERNEL_ENGINE_LAYER_RUN_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/engine/packed_run.h"
#include "kernel/engine/tile/byte_budget.h"
#include "kernel/engine/tuning/tile_set.h"
#include "kernel/engine/workspace.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"

namespace convoy::testing {

class LayerRunTest : public ::testing::Test {
 protected:
  std::unique_ptr<Request> RandomRequest(const layer::Conv1D& layer, int64_t sequences,
                                         int64_t length) {
    return MakeRequest(layer, sequences, length,
                       RandomFloats(random_, sequences * length * layer.input_channels()),
                       static_cast<int>(Between(random_, 0, 3)), random_);
  }

  // Runs the requests in one batch.
  std::vector<std::vector<float>> Run(engine::CompiledLayer& compiled,
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

  // `tolerance` is relative to the sum of absolute products of each output.
  void ExpectNearReference(const layer::Conv1D& layer, const Request& request,
                           const std::vector<float>& answer, double tolerance = 1e-5) {
    const testing::ReferenceResult expected =
        testing::ReferenceConv1D(layer, request.input.shape, request.values);
    ASSERT_EQ(answer.size(), expected.output.size());
    for (size_t i = 0; i < answer.size(); ++i) {
      ASSERT_NEAR(answer[i], expected.output[i], tolerance * expected.magnitude[i] + 1e-30) << i;
    }
  }

  Random random_{20240611};
  batch::BufferPool pool_{size_t{64} << 20};
  engine::Workspace workspace_{pool_};
};

// Of the tiles of a layer that nobody timed.
struct UntimedLayer {
  explicit UntimedLayer(std::shared_ptr<const layer::Conv1D> of)
      : layer(std::move(of)), tiles(*layer, budget), costs(engine::EstimatedTiles(*layer)) {}

  const std::shared_ptr<const layer::Conv1D> layer;
  engine::ByteBudget budget;
  engine::TileCache tiles;
  const engine::TileCosts costs;
  const engine::PackedLayer packed{*layer, tiles, costs, costs};
};

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_ENGINE_LAYER_RUN_H_
