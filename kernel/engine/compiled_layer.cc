#include "kernel/engine/compiled_layer.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/base/status_macros.h"
#include "kernel/batch/copy_in.h"
#include "kernel/batch/copy_out.h"
#include "kernel/batch/finish.h"
#include "kernel/batch/payload_cursor.h"
#include "kernel/engine/direct_convolution.h"
#include "kernel/engine/onednn_status.h"
#include "kernel/engine/plan.h"

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

// Whether what a store found can be ApplyTuning's.
bool Fits(const std::vector<TunedLength>& tuned, const std::vector<int64_t>& lengths) {
  int64_t last = 0;
  for (const TunedLength& length : tuned) {
    const bool known = std::binary_search(lengths.begin(), lengths.end(), length.outputs);
    if (!known || length.outputs <= last || !(length.seconds > 0)) return false;
    last = length.outputs;
  }
  return last == lengths.back() && tuned.front().outputs == lengths.front();
}

absl::StatusOr<std::vector<TunedLength>> FindOrTune(const layer::Conv1D& layer,
                                                    const std::vector<int64_t>& lengths,
                                                    const CompileOptions& options) {
  const std::string key = TuningKey(layer);
  if (options.store != nullptr) {
    const auto found = options.store->Find(key);
    if (found.has_value() && Fits(*found, lengths)) return *found;
  }
  batch::BufferPool pool(0);
  Workspace workspace(pool);
  CONVOY_ASSIGN_OR_RETURN(std::vector<TunedLength> tuned,
                          Tune(layer, lengths, TuningOptions{options.tuning_seconds}, workspace));
  if (options.store != nullptr) options.store->Keep(key, tuned);
  return tuned;
}

}  // namespace

float* CompiledLayer::Buffers::source_floats() const {
  return reinterpret_cast<float*>(source->data());
}

float* CompiledLayer::Buffers::target_floats() const {
  return reinterpret_cast<float*>(target->data());
}

CompiledLayer::CompiledLayer(std::shared_ptr<const layer::Conv1D> layer, TileSetup setup)
    : layer_(std::move(layer)),
      finishes_(batch::NeedsFinish(*layer_)),
      kernels_(*layer_, setup.lengths, std::move(setup.statements)),
      costs_(std::move(setup.lengths), setup.seconds) {}

absl::StatusOr<std::unique_ptr<CompiledLayer>> CompiledLayer::Create(
    std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options) {
  omp_set_num_threads(1);  // primitives remember the team they were made for
  TileSetup setup = EstimatedSetup(*layer);
  const bool direct = NeedsDirect(*layer);
  if (options.tune && !direct) {
    CONVOY_ASSIGN_OR_RETURN(const std::vector<TunedLength> tuned,
                            FindOrTune(*layer, setup.lengths, options));
    ApplyTuning(tuned, setup);
  }
  auto compiled =
      std::unique_ptr<CompiledLayer>(new CompiledLayer(std::move(layer), std::move(setup)));
  if (direct) return compiled;
  const int longest = static_cast<int>(compiled->kernels_.lengths().size()) - 1;
  CONVOY_RETURN_IF_ERROR(compiled->kernels_.Get(longest).status());
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
  CONVOY_RETURN_IF_ERROR(PlanTiles(workspace));
  if (workspace.plan().tiles().empty()) return absl::OkStatus();
  Buffers buffers;
  buffers.source = CopyInputs(inputs, workspace);
  buffers.target = workspace.pool().Get(workspace.plan().target_end() * layer_->config().filters *
                                        sizeof(float));
  CONVOY_RETURN_IF_ERROR(RunTiles(buffers, workspace));
  CollectOutputs(inputs, buffers, outputs, workspace);
  return absl::OkStatus();
}

absl::Status CompiledLayer::PlanTiles(Workspace& workspace) {
  workspace.plan().Make(workspace.packing(), costs_);
  workspace.kernels().clear();
  for (const Tile& tile : workspace.plan().tiles()) {
    CONVOY_ASSIGN_OR_RETURN(const TileKernel* kernel, kernels_.Get(tile.length_index));
    workspace.kernels().push_back(kernel);
  }
  return absl::OkStatus();
}

batch::BufferRef CompiledLayer::CopyInputs(absl::Span<const batch::Input* const> inputs,
                                           Workspace& workspace) const {
  const int64_t channels = layer_->input_channels();
  const int64_t strides = layer_->config().window.strides;
  const batch::Packing& packing = workspace.packing();
  const std::vector<Tile>& tiles = workspace.plan().tiles();
  // A tile may read past the last sequence.
  const int64_t packed = packing.outputs() * strides;
  int64_t read = packed;
  for (size_t i = 0; i < tiles.size(); ++i) {
    read = std::max(read, tiles[i].source * strides + workspace.kernels()[i]->source_frames());
  }
  batch::BufferRef source = workspace.pool().Get(read * channels * sizeof(float));
  float* floats = reinterpret_cast<float*>(source->data());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const batch::Placement& placement = packing.placements()[i];
    if (placement.output_pitch == 0) continue;
    batch::CopyIn(*layer_, *inputs[i], placement, floats, workspace.floats());
  }
  std::fill_n(floats + packed * channels, (read - packed) * channels, 0.0f);
  return source;
}

bool CompiledLayer::NeedsParts(const layer::InputShape& shape) const {
  return shape.sequences > 1 && shape.sequences > SequencesAPart(*layer_, shape) &&
         layer_->activation_reach() != layer::ActivationReach::kRequest;
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

absl::Status CompiledLayer::RunTiles(const Buffers& buffers, Workspace& workspace) const {
  const int64_t step = layer_->input_channels() * layer_->config().window.strides;
  const int64_t filters = layer_->config().filters;
  const std::vector<Tile>& tiles = workspace.plan().tiles();
  for (size_t i = 0; i < tiles.size(); ++i) {
    const TileKernel& kernel = *workspace.kernels()[i];
    float* target = buffers.target_floats() + tiles[i].target * filters;
    CONVOY_RETURN_IF_ERROR(
        kernel.Run(buffers.source_floats() + tiles[i].source * step, target, workspace));
    if (finishes_) continue;
    const size_t size = static_cast<size_t>(kernel.outputs() * filters);
    layer::ApplyActivation(layer_->config().activation, absl::MakeSpan(target, size));
  }
  return absl::OkStatus();
}

void CompiledLayer::CollectOutputs(absl::Span<const batch::Input* const> inputs,
                                   const Buffers& buffers, absl::Span<batch::Output> outputs,
                                   Workspace& workspace) const {
  const int64_t* target = workspace.plan().targets().data();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const batch::Placement& placement = workspace.packing().placements()[i];
    if (placement.output_pitch == 0) continue;
    const absl::Span<const int64_t> targets(target, placement.sequences);
    target += placement.sequences;
    outputs[i] =
        finishes_ ? batch::Finish(*layer_, inputs[i]->shape, targets, buffers.target_floats(),
                                  workspace.pool())
                  : batch::CopyOut(*layer_, placement, targets, buffers.target, workspace.pool());
  }
}

std::string CompiledLayer::Describe() const { return kernels_.Describe(); }

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
  layer::ApplyActivation(layer_->config().activation,
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
