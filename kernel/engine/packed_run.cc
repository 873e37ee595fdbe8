#include "kernel/engine/packed_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "kernel/base/status_macros.h"
#include "kernel/batch/finish.h"
#include "kernel/batch/frame_reader.h"
#include "kernel/batch/locate_output.h"
#include "kernel/batch/placement_writer.h"
#include "kernel/layer/elementwise_activation.h"

namespace convoy::engine {
namespace {

constexpr int64_t kFloat = sizeof(float);
// Where sequences are covered together, their tiles may be a few more.
constexpr int64_t kMoreTiles = 8;

// The plan and its tiles.
int64_t ListBytes(const PackedLayer& packed, const layer::InputShape& shape) {
  const int64_t outputs = shape.frames.output;
  const int64_t most = std::max(packed.costs.Count(outputs), packed.together.Count(outputs) + 1);
  const int64_t tiles = shape.sequences * most + kMoreTiles;
  return Plan::Bytes(shape.sequences, tiles) +
         tiles * static_cast<int64_t>(sizeof(std::shared_ptr<const CompiledTile>));
}

// What a request takes at most of the packed axis and of the results, in frames.
struct Extent {
  int64_t positions;
  int64_t results;
};

Extent ExtentOf(const PackedLayer& packed, const layer::InputShape& shape) {
  const TileCosts& costs = packed.costs;
  const layer::Window& window = packed.layer.config().window;
  const int64_t outputs = shape.frames.output;
  const int64_t pitch = batch::OutputPitch(window, outputs);
  // Tiles may reach behind the end of what they cover, and folded ones read whole
  // rows; where several sequences are covered together, the results of the windows
  // between them are there too.
  constexpr int64_t kLongestRow = 16;
  int64_t spare = costs.Covered(outputs) - outputs;
  bool together = false;
  const auto look_at_run = [&](int64_t n) {
    const int64_t run = (n - 1) * pitch + outputs;
    const double apart = static_cast<double>(n) * costs.Cover(outputs);
    together = together || packed.together.Cover(run) < apart;
    spare = std::max(spare, packed.together.Covered(run) - run);
  };
  if (!packed.apart) {
    // With sequences of other requests, too.
    for (int64_t n = 2; n <= Plan::kLongestRun; n *= 2) look_at_run(n);
    if (shape.sequences > 2) look_at_run(std::min(shape.sequences, Plan::kLongestRun));
  }
  return {shape.sequences * pitch + spare + kLongestRow,
          shape.sequences * (together ? pitch : outputs) + spare};
}

// What it takes while it is convolved.
struct Needs {
  int64_t results = 0;
  int64_t source = 0;  // and how it is read
  int64_t lists = 0;   // they stay until the next run
};

Needs NeedsOf(const PackedLayer& packed, const layer::InputShape& shape) {
  if (shape.sequences == 0 || shape.frames.output == 0) return {};
  const layer::Conv1D& layer = packed.layer;
  const Extent extent = ExtentOf(packed, shape);
  const int64_t source_floats =
      extent.positions * layer.config().window.strides * layer.input_channels();
  return {
      .results = batch::BufferPool::CapacityOf(extent.results * layer.config().filters * kFloat),
      .source = batch::BufferPool::CapacityOf(source_floats * kFloat) +
                batch::FrameReader<float>::PoolBytes(layer, shape.length),
      .lists = ListBytes(packed, shape)};
}

}  // namespace

PackedRun::PackedRun(const PackedLayer& packed, Workspace& workspace)
    : packed_(packed),
      layer_(packed.layer),
      workspace_(workspace),
      finishes_(batch::NeedsFinish(packed.layer)) {}

absl::Status PackedRun::Run(absl::Span<const batch::Input* const> inputs,
                            absl::Span<batch::Output* const> outputs) {
  CONVOY_ASSIGN_OR_RETURN(const Convolved convolved, Convolve(inputs));
  if (!convolved.results) return absl::OkStatus();  // nothing to compute
  absl::Span<const int64_t> targets = convolved.targets;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const batch::Placement& placement = workspace_.lists().packing.placements()[i];
    if (placement.output_pitch == 0) continue;
    const size_t sequences = static_cast<size_t>(placement.sequences);
    *outputs[i] = Collect(*inputs[i], placement, targets.first(sequences), convolved.results);
    targets.remove_prefix(sequences);
  }
  return absl::OkStatus();
}

absl::StatusOr<PackedRun::Convolved> PackedRun::Convolve(
    absl::Span<const batch::Input* const> inputs) {
  const batch::Packing& packing = Pack(inputs);
  const Plan& plan = MakePlan(packing);
  if (plan.tiles().empty()) return Convolved{};
  // Tiles are held no longer than the batch: their cache may give them up.
  const auto release = absl::MakeCleanup([&] { workspace_.lists().tiles.clear(); });
  CONVOY_ASSIGN_OR_RETURN(const Tiles tiles, FindTiles(plan));
  int64_t frames = 0;
  for (size_t i = 0; i < tiles.size(); ++i) {
    frames = std::max(frames, SourceEnd(plan.tiles()[i], *tiles[i]));
  }
  batch::BufferRef results =
      workspace_.pool().Get(plan.target_end() * layer_.config().filters * sizeof(float));
  Source source = MakeSource(inputs, packing, frames);
  CONVOY_RETURN_IF_ERROR(RunTiles(plan, tiles, source, reinterpret_cast<float*>(results->data())));
  return Convolved{std::move(results), plan.targets()};
}

const batch::Packing& PackedRun::Pack(absl::Span<const batch::Input* const> inputs) {
  batch::Packing& packing = workspace_.lists().packing;
  packing.Reset(layer_.config().window);
  for (const batch::Input* input : inputs) packing.Add(input->shape);
  return packing;
}

const Plan& PackedRun::MakePlan(const batch::Packing& packing) {
  const auto exact = packed_.exact != nullptr ? packed_.exact->Note(packing) : nullptr;
  Plan& plan = workspace_.lists().plan;
  plan.Make(packing, {packed_.costs, packed_.together, exact.get(), packed_.apart});
  return plan;
}

absl::StatusOr<PackedRun::Tiles> PackedRun::FindTiles(const Plan& plan) {
  std::vector<std::shared_ptr<const CompiledTile>>& found = workspace_.lists().tiles;
  found.clear();
  for (const Tile& tile : plan.tiles()) {
    const TileShape& shape = tile.timed.shape;
    if (!found.empty() && found.back()->shape() == shape) {
      found.push_back(found.back());
      continue;
    }
    CONVOY_ASSIGN_OR_RETURN(std::shared_ptr<const CompiledTile> compiled,
                            packed_.tiles.Get(shape, tile.timed.statement));
    found.push_back(std::move(compiled));
  }
  return found;
}

PackedRun::Source PackedRun::MakeSource(absl::Span<const batch::Input* const> inputs,
                                        const batch::Packing& packing, int64_t frames) {
  Source source;
  source.floats = batch::InPlace(layer_, inputs, packing, frames);
  if (source.floats != nullptr) return source;
  // The writer may be ahead of what is read, up to the end of the last sequence.
  const int64_t room = std::max(frames, packing.outputs() * layer_.config().window.strides);
  source.copy =
      workspace_.pool().Get(static_cast<size_t>(room * layer_.input_channels()) * sizeof(float));
  float* const floats = reinterpret_cast<float*>(source.copy->data());
  source.floats = floats;
  source.writer.emplace(batch::PackedSource{layer_, floats, workspace_.pool()}, inputs, packing);
  return source;
}

absl::Status PackedRun::RunTiles(const Plan& plan, Tiles tiles, Source& source, float* target) {
  const int64_t filters = layer_.config().filters;
  const int64_t step = layer_.config().window.strides * layer_.input_channels();
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (i > 0) workspace_.BetweenTiles();
    const Tile& tile = plan.tiles()[i];
    if (source.writer.has_value()) source.writer->WriteUntil(SourceEnd(tile, *tiles[i]));
    float* const to = target + tile.target * filters;
    CONVOY_RETURN_IF_ERROR(tiles[i]->RunFirst(tile.wanted, source.floats + tile.source * step, to,
                                              workspace_.scratch()));
    if (finishes_) continue;
    const size_t size = static_cast<size_t>(tile.wanted * filters);
    layer::ApplyElementwise(layer_.config().activation, absl::MakeSpan(to, size));
  }
  return absl::OkStatus();
}

batch::Output PackedRun::Collect(const batch::Input& input, const batch::Placement& placement,
                                 absl::Span<const int64_t> targets,
                                 const batch::BufferRef& target) {
  if (!finishes_) {
    return batch::LocateOutput(layer_, placement, targets, target, workspace_.pool());
  }
  const float* results = reinterpret_cast<const float*>(target->data());
  return batch::Finish(layer_, input.shape, targets, results, workspace_.pool());
}

int64_t PackedRun::SourceEnd(const Tile& tile, const CompiledTile& compiled) const {
  return tile.source * layer_.config().window.strides + compiled.source_frames();
}

int64_t PackedRun::Bytes(const PackedLayer& packed, const layer::InputShape& shape) {
  const Needs needs = NeedsOf(packed, shape);
  const int64_t collecting = batch::NeedsFinish(packed.layer)
                                 ? batch::FinishBytes(packed.layer, shape)
                                 : batch::LocateOutputBytes(packed.layer, shape);
  return needs.results + std::max(needs.source, collecting) + needs.lists;
}

int64_t PackedRun::ConvolveBytes(const PackedLayer& packed, const layer::InputShape& shape) {
  const Needs needs = NeedsOf(packed, shape);
  return needs.results + needs.source + needs.lists;
}

}  // namespace convoy::engine
