// Finds the fastest statement of a layer on this machine by timing.
#ifndef CONVOY_KERNEL_ENGINE_TUNER_H_
#define CONVOY_KERNEL_ENGINE_TUNER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/engine/exact_shapes.h"
#include "kernel/engine/kernel_factory.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_shape.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// What was found for tiles of one length.
struct TunedLength {
  int64_t outputs = 0;
  Statement statement;
  double seconds = 0;  // of one execution
};

struct TuningOptions {
  // Stop trying further statements after so long. The default statement is
  // always timed.
  double budget_seconds = 0.2;
};

// The entry whose length is nearest to `outputs` by ratio.
// REQUIRES: `tuned` is not empty.
const TunedLength& NearestTuned(const std::vector<TunedLength>& tuned, int64_t outputs);

// Times the candidate statements of `layer` on the calling thread at a few tile
// lengths (short ones, where a call's fixed cost decides, and the longest), keeps
// the best of each, and times that at further lengths. A candidate whose answer
// differs from the reference by more than rounding is not trusted. Returns one
// entry for each probed length, ascending.
// REQUIRES: `lengths` as TileLengths gives them.
//   Any status with which oneDNN refuses the default statement.
absl::StatusOr<std::vector<TunedLength>> Tune(const layer::Conv1D& layer,
                                              const std::vector<int64_t>& lengths,
                                              const TuningOptions& options, Workspace& workspace);

// The cost of one statement for tiles of `outputs` frames, as Tune's answer.
//   Any status with which oneDNN refuses it; INTERNAL if its numbers are wrong.
absl::StatusOr<std::vector<TunedLength>> TimeStatement(const layer::Conv1D& layer, int64_t outputs,
                                                       const Statement& statement,
                                                       Workspace& workspace);

// The fastest of `statements` for `shape`, nothing where none suits it.
std::optional<ExactShape> TimeExact(KernelFactory& factory, const TileShape& shape,
                                    const std::vector<Statement>& statements, Workspace& workspace);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNER_H_
