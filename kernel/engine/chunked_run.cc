#include "kernel/engine/chunked_run.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernel/base/status_macros.h"
#include "kernel/batch/payload_cursor.h"
#include "kernel/engine/run_path.h"

namespace convoy::engine {
namespace {

size_t AnswerBytes(const layer::Conv1D& layer, const layer::InputShape& shape) {
  const std::array<int64_t, 3> answer = layer.OutputShape(shape);
  return static_cast<size_t>(answer[0] * answer[1] * answer[2] *
                             layer::SizeOf(layer.output_dtype()));
}

}  // namespace

absl::Status RunInChunks(const PackedLayer& packed, const batch::Input& input,
                         batch::Output& output, Workspace& workspace) {
  const layer::Conv1D& layer = packed.layer;
  const int64_t chunk = SequencesPerChunk(layer, input.shape);
  const size_t sequence_bytes =
      static_cast<size_t>(input.shape.length * layer.input_channels() * layer::SizeOf(input.dtype));
  const size_t bytes = AnswerBytes(layer, input.shape);
  output.buffer = workspace.pool().Get(bytes);
  output.pieces.assign(1, batch::Bytes(output.buffer->data(), bytes));
  std::byte* to = output.buffer->data();
  batch::PayloadCursor cursor(input.payload);
  for (int64_t done = 0; done < input.shape.sequences; done += chunk) {
    if (done > 0) workspace.BetweenTiles();
    batch::Input some;
    some.shape = input.shape;
    some.shape.sequences = std::min(chunk, input.shape.sequences - done);
    some.dtype = input.dtype;
    cursor.Take(some.shape.sequences * sequence_bytes, some.payload);
    batch::Output answer;
    const batch::Input* const inputs[] = {&some};
    batch::Output* const outputs[] = {&answer};
    CONVOY_RETURN_IF_ERROR(PackedRun(packed, workspace).Run(inputs, outputs));
    for (const batch::Bytes& piece : answer.pieces) to = std::copy(piece.begin(), piece.end(), to);
  }
  return absl::OkStatus();
}

}  // namespace convoy::engine
