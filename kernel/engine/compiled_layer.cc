#include "kernel/engine/compiled_layer.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/out_of_memory.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/chunked_run.h"
#include "kernel/engine/direct_run.h"
#include "kernel/engine/run_path.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tuning/tile_set.h"
#include "kernel/engine/tuning/tuner.h"

namespace convoy::engine {
namespace {

// What `tiles` cost and how they are stated best, by timing.
absl::Status Measure(const layer::Conv1D& layer, const CompileOptions& options,
                     std::vector<TimedTile>& tiles) {
  TileScratch scratch;
  if (options.deterministic) {
    CONVOY_ASSIGN_OR_RETURN(tiles.back(), TimeTile(layer, tiles.back(), scratch));
    return absl::OkStatus();
  }
  const TuningOptions tuning{options.tuning_seconds, options.pause};
  const int64_t longest = tiles.back().shape.outputs;
  CONVOY_ASSIGN_OR_RETURN(const std::vector<TimedTile> timed,
                          options.store == nullptr
                              ? Tune(layer, longest, tuning, scratch)
                              : FindOrTune(*options.store, layer, longest, tuning, scratch));
  ApplyTuning(timed, tiles);
  return absl::OkStatus();
}

}  // namespace

CompiledLayer::CompiledLayer(std::shared_ptr<const layer::Conv1D> layer,
                             const CompileOptions& options, std::vector<TimedTile> tiles)
    : layer_(std::move(layer)),
      tunes_(options.tune && !options.deterministic),
      deterministic_(options.deterministic),
      own_budget_(options.budget == nullptr ? std::make_unique<ByteBudget>() : nullptr),
      tiles_(*layer_, options.budget == nullptr ? *own_budget_ : *options.budget),
      costs_(std::move(tiles)),
      exact_(*layer_, costs_),
      packed_{*layer_, tiles_, costs_, tunes_ ? &exact_ : nullptr, deterministic_} {}

absl::StatusOr<std::unique_ptr<CompiledLayer>> CompiledLayer::Create(
    std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options) {
  std::vector<TimedTile> tiles =
      options.deterministic ? DeterministicTiles(*layer) : EstimatedTiles(*layer);
  const bool direct = NeedsDirect(*layer);
  if (options.tune && !direct) CONVOY_RETURN_IF_ERROR(Measure(*layer, options, tiles));
  const TimedTile longest = tiles.back();
  auto compiled = std::unique_ptr<CompiledLayer>(
      new CompiledLayer(std::move(layer), options, std::move(tiles)));
  if (direct) return compiled;
  CONVOY_ASSIGN_OR_RETURN(const std::shared_ptr<const CompiledTile> tile,
                          compiled->tiles_.Get(longest.shape, longest.statement));
  compiled->longest_ = tile->Describe();
  return compiled;
}

absl::Status CompiledLayer::Run(absl::Span<const batch::Input* const> inputs,
                                absl::Span<batch::Output> outputs, Workspace& workspace) {
  return CatchOutOfMemory("running a batch", [&]() -> absl::Status {
    std::vector<const batch::Input*>& packed = workspace.lists().inputs;
    std::vector<batch::Output*>& answers = workspace.lists().outputs;
    packed.clear();
    answers.clear();
    for (size_t i = 0; i < inputs.size(); ++i) {
      switch (PathOf(*layer_, inputs[i]->shape)) {
        case RunPath::kDirect:
          outputs[i] = RunDirect(*layer_, *inputs[i], workspace);
          break;
        case RunPath::kChunks:
          CONVOY_RETURN_IF_ERROR(RunInChunks(packed_, *inputs[i], outputs[i], workspace));
          break;
        case RunPath::kPacked:
          packed.push_back(inputs[i]);
          answers.push_back(&outputs[i]);
      }
    }
    return PackedRun(packed_, workspace).Run(packed, answers);
  });
}

void CompiledLayer::PrepareFor(const CompiledLayer& predecessor) {
  if (NeedsDirect(*layer_)) return;
  if (tunes_ && TuningKey(*layer_) == TuningKey(*predecessor.layer_)) {
    exact_.Adopt(predecessor.exact_);
  }
  for (const TileShape& shape : predecessor.tiles_.shapes()) {
    const std::optional<Statement> statement = StatementOf(shape);
    if (statement.has_value()) tiles_.Get(shape, *statement).status().IgnoreError();
  }
}

std::optional<Statement> CompiledLayer::StatementOf(const TileShape& shape) const {
  const auto find = [&](const std::vector<TimedTile>& tiles) -> std::optional<Statement> {
    for (const TimedTile& tile : tiles) {
      if (tile.shape == shape) return tile.statement;
    }
    return std::nullopt;
  };
  const std::shared_ptr<const ExactTable> exact = exact_.table();
  const auto found = exact->find(shape.outputs);
  const std::optional<Statement> statement =
      found == exact->end() ? std::nullopt : find(found->second);
  return statement.has_value() ? statement : find(costs_.tiles());
}

bool CompiledLayer::Improve(Workspace& workspace) {
  if (!tunes_) return false;
  const std::optional<TileShape> shape = exact_.TakeDue();
  if (!shape.has_value()) return false;
  std::vector<Statement> statements = {costs_.FirstTile(shape->outputs).statement};
  const Statement usual = DefaultStatement(*layer_);
  if (usual != statements.front()) statements.push_back(usual);
  const auto timed = TimeExact(tiles_.factory(), *shape, statements, workspace.scratch());
  if (timed.has_value()) exact_.Keep(*timed);
  return true;
}

std::string CompiledLayer::Describe() const {
  std::string text = deterministic_ ? "deterministic, " : "";
  absl::StrAppend(&text, engine::Describe(costs_.tiles()));
  if (!longest_.empty()) absl::StrAppend(&text, " (", longest_, ")");
  return text + exact_.Describe();
}

double CompiledLayer::EstimateSeconds(const layer::InputShape& shape) const {
  return static_cast<double>(shape.sequences) * costs_.Cover(shape.frames.output);
}

int64_t CompiledLayer::OutputBytes(const layer::InputShape& shape) const {
  const std::array<int64_t, 3> answer = layer_->OutputShape(shape);
  return answer[0] * answer[1] * answer[2] * layer::SizeOf(layer_->output_dtype());
}

}  // namespace convoy::engine
