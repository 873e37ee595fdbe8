// Runs a request of very many sequences in bounded memory.
#ifndef CONVOY_KERNEL_ENGINE_CHUNKED_RUN_H_
#define CONVOY_KERNEL_ENGINE_CHUNKED_RUN_H_

#include "absl/status/status.h"
#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/engine/packed_run.h"
#include "kernel/engine/workspace.h"

namespace convoy::engine {

// Packs SequencesPerChunk sequences at a time. Iff OK, `output` is the answer.
// Throws std::bad_alloc.
// REQUIRES: PathOf(layer, input.shape) is kChunks.
//   INTERNAL  oneDNN failed: a bug.
absl::Status RunInChunks(const PackedLayer& packed, const batch::Input& input,
                         batch::Output& output, Workspace& workspace);

// The most that RunInChunks allocates, beside the payload.
int64_t ChunkedRunBytes(const PackedLayer& packed, const layer::InputShape& shape);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_CHUNKED_RUN_H_
