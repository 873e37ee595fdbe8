#include "kernel/engine/chunked_run.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernel/base/status_macros.h"
#include "kernel/batch/finish.h"
#include "kernel/batch/payload_cursor.h"
#include "kernel/engine/output_bytes.h"
#include "kernel/engine/run_path.h"

namespace convoy::engine {
namespace {

// Calls run(chunk) for each chunk of the request in order, until one fails.
template <typename RunChunk>
absl::Status ForEachChunk(const layer::Conv1D& layer, const batch::Input& input,
                          Workspace& workspace, RunChunk run) {
  const int64_t most = SequencesPerChunk(layer, input.shape);
  const int64_t sequence_bytes =
      input.shape.length * layer.input_channels() * layer::SizeOf(input.dtype);
  batch::PayloadCursor cursor(input.payload);
  for (int64_t done = 0; done < input.shape.sequences; done += most) {
    if (done > 0) workspace.BetweenTiles();
    batch::Input chunk;
    chunk.shape = input.shape;
    chunk.shape.sequences = std::min(most, input.shape.sequences - done);
    chunk.dtype = input.dtype;
    cursor.Take(static_cast<size_t>(chunk.shape.sequences * sequence_bytes), chunk.payload);
    CONVOY_RETURN_IF_ERROR(run(chunk));
  }
  return absl::OkStatus();
}

// Where the activation looks at one sequence at most: each chunk is answered, and the
// answers lie end to end.
absl::Status AnswerEach(const PackedLayer& packed, const batch::Input& input, batch::Output& output,
                        Workspace& workspace) {
  const size_t bytes = static_cast<size_t>(OutputBytes(packed.layer, input.shape));
  output.buffer = workspace.pool().Get(bytes);
  output.pieces.assign(1, batch::Bytes(output.buffer->data(), bytes));
  std::byte* to = output.buffer->data();
  return ForEachChunk(packed.layer, input, workspace, [&](const batch::Input& chunk) {
    batch::Output answer;
    const batch::Input* const inputs[] = {&chunk};
    batch::Output* const outputs[] = {&answer};
    absl::Status status = PackedRun(packed, workspace).Run(inputs, outputs);
    for (const batch::Bytes& piece : answer.pieces) to = std::copy(piece.begin(), piece.end(), to);
    return status;
  });
}

// Where it looks at the whole request: the convolutions of all chunks, then the
// activation.
absl::Status AnswerTogether(const PackedLayer& packed, const batch::Input& input,
                            batch::Output& output, Workspace& workspace) {
  const layer::InputShape& shape = input.shape;
  const int64_t floats = shape.frames.output * packed.layer.config().filters;  // of a sequence
  const batch::BufferRef results =
      workspace.pool().Get(static_cast<size_t>(shape.sequences * floats) * sizeof(float));
  float* to = reinterpret_cast<float*>(results->data());
  CONVOY_RETURN_IF_ERROR(
      ForEachChunk(packed.layer, input, workspace, [&](const batch::Input& chunk) -> absl::Status {
        const batch::Input* const inputs[] = {&chunk};
        CONVOY_ASSIGN_OR_RETURN(const PackedRun::Convolved convolved,
                                PackedRun(packed, workspace).Convolve(inputs));
        const float* from = reinterpret_cast<const float*>(convolved.results->data());
        for (const int64_t target : convolved.targets) {
          to = std::copy_n(from + target * packed.layer.config().filters, floats, to);
        }
        return absl::OkStatus();
      }));
  std::vector<int64_t> targets;
  for (int64_t n = 0; n < shape.sequences; ++n) targets.push_back(n * shape.frames.output);
  output = batch::Finish(packed.layer, shape, targets,
                         reinterpret_cast<const float*>(results->data()), workspace.pool());
  return absl::OkStatus();
}

}  // namespace

absl::Status RunInChunks(const PackedLayer& packed, const batch::Input& input,
                         batch::Output& output, Workspace& workspace) {
  const bool together = packed.layer.activation().reach() == layer::ActivationReach::kRequest;
  return together ? AnswerTogether(packed, input, output, workspace)
                  : AnswerEach(packed, input, output, workspace);
}

int64_t ChunkedRunBytes(const PackedLayer& packed, const layer::InputShape& shape) {
  const layer::Conv1D& layer = packed.layer;
  layer::InputShape chunk = shape;
  chunk.sequences = std::min(SequencesPerChunk(layer, shape), shape.sequences);
  if (layer.activation().reach() != layer::ActivationReach::kRequest) {
    return batch::BufferPool::CapacityOf(OutputBytes(layer, shape)) +
           PackedRun::Bytes(packed, chunk);
  }
  constexpr int64_t kTarget = 2 * sizeof(int64_t);  // the list of them grows
  const int64_t results = shape.sequences * shape.frames.output * layer.config().filters;
  return batch::BufferPool::CapacityOf(results * static_cast<int64_t>(sizeof(float))) +
         std::max(PackedRun::ConvolveBytes(packed, chunk),
                  batch::FinishBytes(layer, shape) + shape.sequences * kTarget);
}

}  // namespace convoy::engine
