// A layer with random weights, compiled and warm, for the benchmarks.
#ifndef CONVOY_TESTS_BENCH_ENGINE_UNDER_TEST_H_
#define CONVOY_TESTS_BENCH_ENGINE_UNDER_TEST_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::bench {

// Requests of a layer that run as one batch, over and over. Not thread-safe.
class EngineUnderTest {
 public:
  EngineUnderTest(std::shared_ptr<const layer::Conv1D> layer, engine::CompileOptions options)
      : layer_(std::move(layer)),
        compiled_(engine::CompiledLayer::Create(layer_, options).value()) {}

  // One request of `sequences` times `length` random frames more, its payload in
  // one piece.
  void Add(int64_t sequences, int64_t length) {
    Add(sequences, length, RandomFrames(sequences * length));
  }
  // As behind a ReLU.
  void AddRectified(int64_t sequences, int64_t length) {
    std::vector<float> values = RandomFrames(sequences * length);
    for (float& value : values) value = std::max(value, 0.0f);
    Add(sequences, length, std::move(values));
  }

  void Run() {
    outputs_.clear();
    outputs_.resize(inputs_.size());
    const absl::Status status = compiled_->Run(inputs_, absl::MakeSpan(outputs_), workspace_);
    if (!status.ok()) throw std::runtime_error(std::string(status.message()));
  }

  // As a server's layer after a while: the shapes that come often have been timed.
  void Warm() {
    for (int i = 0; i < engine::ExactShapes::kOften; ++i) Run();
    while (compiled_->Improve(workspace_)) Run();
  }

  const layer::Conv1D& layer() const { return *layer_; }
  engine::CompiledLayer& compiled() { return *compiled_; }
  const std::vector<const batch::Input*>& inputs() const { return inputs_; }
  const testing::Request& request(size_t i) const { return *requests_[i]; }
  engine::Workspace& workspace() { return workspace_; }

 private:
  std::vector<float> RandomFrames(int64_t frames) {
    return testing::RandomFloats(random_, frames * layer_->input_channels());
  }
  void Add(int64_t sequences, int64_t length, std::vector<float> values) {
    requests_.push_back(
        testing::MakeRequest(*layer_, sequences, length, std::move(values), 0, random_));
    inputs_.push_back(&requests_.back()->input);
  }

  testing::Random random_{1};
  const std::shared_ptr<const layer::Conv1D> layer_;
  const std::unique_ptr<engine::CompiledLayer> compiled_;
  std::vector<std::unique_ptr<testing::Request>> requests_;
  std::vector<const batch::Input*> inputs_;
  batch::BufferPool pool_{size_t{1} << 30};
  std::vector<batch::Output> outputs_;
  engine::Workspace workspace_{pool_};
};

}  // namespace convoy::bench

#endif  // CONVOY_TESTS_BENCH_ENGINE_UNDER_TEST_H_
