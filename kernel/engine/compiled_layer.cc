#include "kernel/engine/compiled_layer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/out_of_memory.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/chunked_run.h"
#include "kernel/engine/direct_run.h"
#include "kernel/engine/output_bytes.h"
#include "kernel/engine/run_path.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tuning/tile_set.h"
#include "kernel/engine/tuning/tuner.h"

namespace convoy::engine {

// What `tiles` cost and how they are stated best, by timing.
absl::Status CompiledLayer::Measure(const layer::Conv1D& layer, const CompileOptions& options,
                                    Tiles& tiles) {
  TileScratch scratch;
  TuningMemory own;
  TuningMemory& memory = options.memory == nullptr ? own : *options.memory;
  if (options.deterministic) {
    TimedTile& tile = tiles.apart.back();
    CONVOY_ASSIGN_OR_RETURN(tile, memory.FindOrTime(layer, tile, scratch));
    tiles.together = tiles.apart;
    return absl::OkStatus();
  }
  CONVOY_ASSIGN_OR_RETURN(
      const Tunings tunings,
      memory.FindOrTune(layer, {options.tuning_seconds, options.pause, options.algorithm},
                        scratch));
  ApplyTuning(tunings.best, tiles.apart);
  ApplyTuning(tunings.direct, tiles.together);
  return absl::OkStatus();
}

CompiledLayer::CompiledLayer(std::shared_ptr<const layer::Conv1D> layer,
                             const CompileOptions& options, Tiles tiles)
    : layer_(std::move(layer)),
      tunes_(options.tune && !options.deterministic),
      deterministic_(options.deterministic),
      algorithm_(options.algorithm),
      own_budget_(options.budget == nullptr ? std::make_unique<ByteBudget>() : nullptr),
      tiles_(*layer_, options.budget == nullptr ? *own_budget_ : *options.budget),
      costs_(std::move(tiles.apart)),
      together_(std::move(tiles.together)),
      exact_(*layer_, costs_, together_),
      packed_{*layer_, tiles_, costs_, together_, tunes_ ? &exact_ : nullptr, deterministic_},
      direct_(*layer_),
      run_costs_(options.tune ? MeasureRunCosts(direct_) : RunCosts()) {}

absl::StatusOr<std::unique_ptr<CompiledLayer>> CompiledLayer::Create(
    std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options) {
  using Compiled = std::unique_ptr<CompiledLayer>;
  return CatchOutOfMemory("compiling the layer", [&]() -> absl::StatusOr<Compiled> {
    Tiles tiles;
    tiles.apart = options.deterministic ? DeterministicTiles(*layer) : EstimatedTiles(*layer);
    tiles.together = tiles.apart;
    const bool direct = NeedsDirect(*layer);
    if (options.tune && !direct) CONVOY_RETURN_IF_ERROR(Measure(*layer, options, tiles));
    const TimedTile longest = tiles.apart.back();
    Compiled compiled(new CompiledLayer(std::move(layer), options, std::move(tiles)));
    if (direct) return compiled;
    CONVOY_ASSIGN_OR_RETURN(const std::shared_ptr<const CompiledTile> tile,
                            compiled->tiles_.Get(longest.shape, longest.statement));
    compiled->longest_ = tile->Describe();
    return compiled;
  });
}

absl::Status CompiledLayer::Run(absl::Span<const batch::Input* const> inputs,
                                absl::Span<batch::Output> outputs, Workspace& workspace) {
  absl::Status status =
      CatchOutOfMemory("running a batch", [&] { return RunBatch(inputs, outputs, workspace); });
  workspace.lists().Shrink();
  return status;
}

absl::Status CompiledLayer::RunBatch(absl::Span<const batch::Input* const> inputs,
                                     absl::Span<batch::Output> outputs, Workspace& workspace) {
  std::vector<const batch::Input*>& packed = workspace.lists().inputs;
  std::vector<batch::Output*>& answers = workspace.lists().outputs;
  packed.clear();
  answers.clear();
  for (size_t i = 0; i < inputs.size(); ++i) {
    switch (PathOf(*layer_, inputs[i]->shape)) {
      case RunPath::kDirect:
        outputs[i] = RunDirect(direct_, *inputs[i], workspace);
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
}

void CompiledLayer::PrepareFor(const CompiledLayer& predecessor) {
  if (NeedsDirect(*layer_)) return;
  CatchOutOfMemory("preparing a layer", [&] {
    MakeTilesOf(predecessor);
    return absl::OkStatus();
  }).IgnoreError();
}

void CompiledLayer::MakeTilesOf(const CompiledLayer& predecessor) {
  if (tunes_ && algorithm_ == predecessor.algorithm_ &&
      TuningKey(*layer_, algorithm_) == TuningKey(*predecessor.layer_, algorithm_)) {
    exact_.Adopt(predecessor.exact_);
  }
  for (const TileCache::Key& key : predecessor.tiles_.keys()) {
    const std::optional<Statement> statement = StatementOf(key);
    if (statement.has_value()) tiles_.Get(key.shape, *statement).status().IgnoreError();
  }
}

std::optional<Statement> CompiledLayer::StatementOf(const TileCache::Key& key) const {
  const auto find = [&](const std::vector<TimedTile>& tiles) -> std::optional<Statement> {
    for (const TimedTile& tile : tiles) {
      if (tile.shape == key.shape && tile.statement.direct() == key.direct) return tile.statement;
    }
    return std::nullopt;
  };
  const std::shared_ptr<const ExactTable> exact = exact_.table();
  const auto found = exact->find(key.shape.outputs);
  std::optional<Statement> statement = found == exact->end() ? std::nullopt : find(found->second);
  if (!statement.has_value()) statement = find(costs_.tiles());
  return statement.has_value() ? statement : find(together_.tiles());
}

bool CompiledLayer::Improve(Workspace& workspace) {
  if (!tunes_) return false;
  const std::optional<TileShape> shape = exact_.TakeDue();
  if (!shape.has_value()) return false;
  // Without memory nothing is kept of the shape.
  CatchOutOfMemory("timing a shape", [&] {
    ImproveFor(*shape, workspace);
    return absl::OkStatus();
  }).IgnoreError();
  return true;
}

void CompiledLayer::ImproveFor(const TileShape& shape, Workspace& workspace) {
  std::vector<Statement> statements;
  for (const Statement& statement :
       {costs_.FirstTile(shape.outputs).statement, together_.FirstTile(shape.outputs).statement,
        DefaultStatement(*layer_)}) {
    const bool known =
        std::find(statements.begin(), statements.end(), statement) != statements.end();
    if (!known) statements.push_back(statement);
  }
  const auto timed = TimeExact(tiles_.factory(), shape, statements, workspace.scratch());
  if (timed.has_value()) exact_.Keep(*timed);
}

std::string CompiledLayer::Describe() const {
  std::string text = deterministic_ ? "deterministic, " : "";
  absl::StrAppend(&text, engine::Describe(costs_.tiles()));
  if (!longest_.empty()) absl::StrAppend(&text, " (", longest_, ")");
  const uint64_t blocks = tiles_.counts().blocks.load(std::memory_order_relaxed);
  if (blocks > 0) {
    absl::StrAppend(&text, "; ", tiles_.counts().fell_back.load(std::memory_order_relaxed), " of ",
                    blocks, " Toom-Cook blocks fell back to direct");
  }
  return text + exact_.Describe();
}

double CompiledLayer::EstimateSeconds(const layer::InputShape& shape) const {
  const double answering = run_costs_.answer_frame * static_cast<double>(shape.frames.output);
  const double convolving = PathOf(*layer_, shape) == RunPath::kDirect
                                ? run_costs_.direct_work * direct_.SequenceWork(shape)
                                : costs_.Cover(shape.frames.output);
  return static_cast<double>(shape.sequences) * (convolving + answering);
}

int64_t CompiledLayer::OutputBytes(const layer::InputShape& shape) const {
  return engine::OutputBytes(*layer_, shape);
}

int64_t CompiledLayer::RunBytes(const layer::InputShape& shape) const {
  switch (PathOf(*layer_, shape)) {
    case RunPath::kDirect:
      return DirectRunBytes(*layer_, shape);
    case RunPath::kChunks:
      return ChunkedRunBytes(packed_, shape);
    case RunPath::kPacked:
      return PackedRun::Bytes(packed_, shape);
  }
  return 0;
}

}  // namespace convoy::engine
