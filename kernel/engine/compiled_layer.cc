#include "kernel/engine/compiled_layer.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/batch/copy_in.h"
#include "kernel/batch/copy_out.h"
#include "kernel/batch/finish.h"
#include "kernel/batch/payload_cursor.h"
#include "kernel/batch/source_writer.h"
#include "kernel/engine/direct_convolution.h"
#include "kernel/engine/onednn_status.h"
#include "kernel/engine/plan.h"
#include "kernel/layer/elementwise_activation.h"

namespace convoy::engine {
namespace {

// How many sequences of this shape are packed at once. A request of very many
// short sequences with long padding would otherwise need a source buffer many
// times its own size.
int64_t SequencesAPart(const layer::Conv1D& layer, const layer::InputShape& shape) {
  constexpr int64_t kMostFloats = int64_t{8} << 20;
  constexpr int64_t kMostSequences = 4096;
  batch::Packing one(layer.config().window);
  one.Add({1, shape.length, shape.frames});
  const int64_t floats = one.outputs() * layer.config().window.strides * layer.input_channels();
  return std::clamp<int64_t>(kMostFloats / std::max<int64_t>(floats, 1), 1, kMostSequences);
}

// What the layer's tiles cost, by timing.
absl::StatusOr<std::vector<TunedLength>> Measure(const layer::Conv1D& layer, const TileSetup& setup,
                                                 const CompileOptions& options) {
  batch::BufferPool pool(0);
  Workspace workspace(pool);
  if (options.deterministic) {
    return TimeStatement(layer, setup.lengths.back(), setup.statements.back(), workspace);
  }
  return FindOrTune(layer, setup.lengths, {options.tuning_seconds}, options.store, workspace);
}

}  // namespace

CompiledLayer::CompiledLayer(std::shared_ptr<const layer::Conv1D> layer,
                             const CompileOptions& options, TileSetup setup)
    : layer_(std::move(layer)),
      finishes_(batch::NeedsFinish(*layer_)),
      tunes_(options.tune && !options.deterministic),
      deterministic_(options.deterministic),
      own_cache_(options.cache == nullptr ? std::make_unique<PrimitiveCache>() : nullptr),
      kernels_(*layer_, options.cache == nullptr ? *own_cache_ : *options.cache),
      statements_(std::move(setup.statements)),
      costs_(std::move(setup.lengths), setup.seconds),
      exact_(*layer_, costs_) {}

absl::StatusOr<std::unique_ptr<CompiledLayer>> CompiledLayer::Create(
    std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options) {
  omp_set_num_threads(1);  // primitives remember the team they were made for
  TileSetup setup = options.deterministic ? DeterministicSetup(*layer) : EstimatedSetup(*layer);
  const bool direct = NeedsDirect(*layer);
  if (options.tune && !direct) {
    CONVOY_ASSIGN_OR_RETURN(const std::vector<TunedLength> tuned, Measure(*layer, setup, options));
    ApplyTuning(tuned, setup);
  }
  auto compiled = std::unique_ptr<CompiledLayer>(
      new CompiledLayer(std::move(layer), options, std::move(setup)));
  if (direct) return compiled;
  const TileShape longest{1, compiled->costs_.longest()};
  CONVOY_ASSIGN_OR_RETURN(const std::shared_ptr<const TileKernel> kernel,
                          compiled->kernels_.Get(longest, compiled->statements_.back()));
  compiled->longest_ = kernel->Describe();
  return compiled;
}

absl::Status CompiledLayer::Run(absl::Span<const batch::Input* const> inputs,
                                absl::Span<batch::Output> outputs, Workspace& workspace) {
  // A setting of the calling thread: parallelism is between batches and tiles,
  // oneDNN's own team would only compete with it.
  omp_set_num_threads(1);
  return CatchOnednn("running a batch", [&]() -> absl::Status {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (PrefersDirect(*layer_, inputs[i]->shape)) {
        if (layer_->uses_double()) {
          RunDirect<double>(*inputs[i], outputs[i], workspace);
        } else {
          RunDirect<float>(*inputs[i], outputs[i], workspace);
        }
      } else if (NeedsParts(inputs[i]->shape)) {
        CONVOY_RETURN_IF_ERROR(RunInParts(*inputs[i], outputs[i], workspace));
      }
    }
    return RunPacked(inputs, outputs, workspace);
  });
}

absl::Status CompiledLayer::RunPacked(absl::Span<const batch::Input* const> inputs,
                                      absl::Span<batch::Output> outputs, Workspace& workspace) {
  workspace.packing().Reset(layer_->config().window);
  for (const batch::Input* input : inputs) {
    const bool elsewhere = PrefersDirect(*layer_, input->shape) || NeedsParts(input->shape);
    workspace.packing().Add(elsewhere ? layer::InputShape{} : input->shape);
  }
  // The kernels are held no longer than the batch: the cache may give them up.
  const auto release = absl::MakeCleanup([&] { workspace.kernels().clear(); });
  CONVOY_RETURN_IF_ERROR(PlanTiles(workspace));
  if (workspace.plan().tiles().empty()) return absl::OkStatus();
  const batch::BufferRef target = workspace.pool().Get(workspace.plan().target_end() *
                                                       layer_->config().filters * sizeof(float));
  CONVOY_RETURN_IF_ERROR(RunTiles(inputs, reinterpret_cast<float*>(target->data()), workspace));
  CollectOutputs(inputs, target, outputs, workspace);
  return absl::OkStatus();
}

absl::Status CompiledLayer::PlanTiles(Workspace& workspace) {
  Plan& plan = workspace.plan();
  const absl::Span<const EqualRun> runs = plan.List(workspace.packing());
  const auto table = tunes_ ? exact_.Note(runs) : nullptr;
  static const ExactTable kNone;
  plan.Make({costs_, deterministic_}, table != nullptr ? *table : kNone);
  std::vector<std::shared_ptr<const TileKernel>>& kernels = workspace.kernels();
  kernels.clear();
  for (const Tile& tile : plan.tiles()) {
    if (!kernels.empty() && kernels.back()->shape() == tile.shape) {
      kernels.push_back(kernels.back());
      continue;
    }
    const bool exact = tile.length_index < 0;
    CONVOY_ASSIGN_OR_RETURN(
        std::shared_ptr<const TileKernel> kernel,
        kernels_.Get(tile.shape, exact ? tile.statement : statements_[tile.length_index]));
    kernels.push_back(std::move(kernel));
  }
  return absl::OkStatus();
}

bool CompiledLayer::NeedsParts(const layer::InputShape& shape) const {
  return shape.sequences > 1 && shape.sequences > SequencesAPart(*layer_, shape) &&
         layer_->activation().reach() != layer::ActivationReach::kRequest;
}

absl::Status CompiledLayer::RunInParts(const batch::Input& input, batch::Output& output,
                                       Workspace& workspace) {
  const int64_t part = SequencesAPart(*layer_, input.shape);
  const size_t sequence_bytes = static_cast<size_t>(input.shape.length * layer_->input_channels() *
                                                    layer::SizeOf(input.dtype));
  const size_t bytes = static_cast<size_t>(OutputBytes(input.shape));
  output.buffer = workspace.pool().Get(bytes);
  output.pieces.assign(1, batch::Bytes(output.buffer->data(), bytes));
  std::byte* to = output.buffer->data();
  batch::PayloadCursor cursor(input.payload);
  for (int64_t done = 0; done < input.shape.sequences; done += part) {
    batch::Input some;
    some.shape = input.shape;
    some.shape.sequences = std::min(part, input.shape.sequences - done);
    some.dtype = input.dtype;
    cursor.Take(some.shape.sequences * sequence_bytes, some.payload);
    batch::Output answer;
    const batch::Input* const inputs[] = {&some};
    CONVOY_RETURN_IF_ERROR(RunPacked(inputs, absl::MakeSpan(&answer, 1), workspace));
    for (const batch::Bytes& piece : answer.pieces) to = std::copy(piece.begin(), piece.end(), to);
  }
  return absl::OkStatus();
}

absl::Status CompiledLayer::RunTiles(absl::Span<const batch::Input* const> inputs, float* target,
                                     Workspace& workspace) const {
  const int64_t strides = layer_->config().window.strides;
  const int64_t channels = layer_->input_channels();
  const std::vector<Tile>& tiles = workspace.plan().tiles();
  const auto end_of = [&](size_t i) {
    return tiles[i].source * strides + workspace.kernels()[i]->source_frames();
  };
  int64_t frames = 0;
  for (size_t i = 0; i < tiles.size(); ++i) frames = std::max(frames, end_of(i));
  batch::BufferRef packed;
  std::optional<batch::SourceWriter> writer;
  const float* source = batch::InPlace(*layer_, inputs, workspace.packing(), frames);
  if (source == nullptr) {
    // The writer may be ahead of what is read, up to the end of the last sequence.
    const int64_t room = std::max(frames, workspace.packing().outputs() * strides);
    packed = workspace.pool().Get(static_cast<size_t>(room * channels) * sizeof(float));
    float* const floats = reinterpret_cast<float*>(packed->data());
    writer.emplace(*layer_, inputs, workspace.packing(), floats, workspace.floats());
    source = floats;
  }
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (i > 0) workspace.BetweenTiles();
    if (writer.has_value()) writer->WriteUntil(end_of(i));
    CONVOY_RETURN_IF_ERROR(RunTile(i, source, target, workspace));
  }
  return absl::OkStatus();
}

absl::Status CompiledLayer::RunTile(size_t index, const float* source, float* target,
                                    Workspace& workspace) const {
  const int64_t filters = layer_->config().filters;
  const Tile& tile = workspace.plan().tiles()[index];
  float* const to = target + tile.target * filters;
  const int64_t from = tile.source * layer_->config().window.strides * layer_->input_channels();
  CONVOY_RETURN_IF_ERROR(workspace.kernels()[index]->Run(source + from, to, workspace));
  if (finishes_) return absl::OkStatus();
  const size_t size = static_cast<size_t>(tile.shape.frames() * filters);
  layer::ApplyElementwise(layer_->config().activation, absl::MakeSpan(to, size));
  return absl::OkStatus();
}

void CompiledLayer::CollectOutputs(absl::Span<const batch::Input* const> inputs,
                                   const batch::BufferRef& target,
                                   absl::Span<batch::Output> outputs, Workspace& workspace) const {
  const float* floats = reinterpret_cast<const float*>(target->data());
  const int64_t* frames = workspace.plan().targets().data();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const batch::Placement& placement = workspace.packing().placements()[i];
    if (placement.output_pitch == 0) continue;
    const absl::Span<const int64_t> targets(frames, placement.sequences);
    frames += placement.sequences;
    outputs[i] = finishes_
                     ? batch::Finish(*layer_, inputs[i]->shape, targets, floats, workspace.pool())
                     : batch::CopyOut(*layer_, placement, targets, target, workspace.pool());
  }
}

bool CompiledLayer::Improve(Workspace& workspace) {
  if (!tunes_) return false;
  const std::optional<TileShape> shape = exact_.TakeDue();
  if (!shape.has_value()) return false;
  omp_set_num_threads(1);
  const int tile = costs_.FirstTile(shape->outputs);
  std::vector<Statement> statements = {statements_[tile]};
  const Statement usual = DefaultStatement(*layer_);
  if (usual != statements.front()) statements.push_back(usual);
  const auto timed = TimeExact(kernels_.factory(), *shape, statements, workspace);
  if (timed.has_value()) exact_.Keep(*timed);
  return true;
}

std::string CompiledLayer::Describe() const {
  std::string text = deterministic_ ? "deterministic, " : "";
  absl::StrAppend(&text, engine::Describe(costs_.lengths(), statements_));
  if (!longest_.empty()) absl::StrAppend(&text, " (", longest_, ")");
  return text + exact_.Describe();
}

template <typename Real>
void CompiledLayer::RunDirect(const batch::Input& input, batch::Output& output,
                              Workspace& workspace) const {
  const layer::InputShape& shape = input.shape;
  const int64_t filters = layer_->config().filters;
  const int64_t channels = layer_->input_channels();
  const int64_t results = shape.sequences * shape.frames.output * filters;
  if (results == 0) return;
  const batch::BufferRef source =
      workspace.pool().Get(shape.sequences * shape.length * channels * sizeof(Real));
  const batch::BufferRef target = workspace.pool().Get(results * sizeof(Real));
  Real* from = reinterpret_cast<Real*>(source->data());
  Real* to = reinterpret_cast<Real*>(target->data());
  batch::CopyFrames(*layer_, input, from);

  std::vector<int64_t> targets;
  for (int64_t n = 0; n < shape.sequences; ++n) {
    DirectConvolution<Real>(*layer_, shape, from + n * shape.length * channels,
                            to + n * shape.frames.output * filters);
    targets.push_back(n * shape.frames.output);
  }
  if (finishes_) {
    output = batch::Finish<Real>(*layer_, shape, targets, to, workspace.pool());
    return;
  }
  layer::ApplyElementwise(layer_->config().activation,
                          absl::MakeSpan(to, static_cast<size_t>(results)));
  const batch::Placement placement{shape.sequences, shape.frames, 0, shape.frames.output};
  output = batch::CopyOut(*layer_, placement, targets, target, workspace.pool());
}

double CompiledLayer::EstimateSeconds(const layer::InputShape& shape) const {
  return static_cast<double>(shape.sequences) * costs_.Cover(shape.frames.output);
}

int64_t CompiledLayer::OutputBytes(const layer::InputShape& shape) const {
  const std::array<int64_t, 3> answer = layer_->OutputShape(shape);
  return answer[0] * answer[1] * answer[2] * layer::SizeOf(layer_->output_dtype());
}

}  // namespace convoy::engine
