// A task as the parts in which it is computed.
#ifndef CONVOY_SERVER_BATCHING_TASK_PARTS_H_
#define CONVOY_SERVER_BATCHING_TASK_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/engine/compiled_layer.h"
#include "server/batching/entry.h"

namespace convoy::batching {

// What the parts of a task read, cost and wrote. A task of one part needs no memory
// for that.
//
// Who computes a part sets its output, on any thread; everything else is for one
// thread at a time.
class TaskParts {
 public:
  // One part. `whole` must outlive this.
  void SetWhole(const batch::Input& whole, const PartCost& cost);
  // About `count` parts (batch::Cut). Their inputs refer to the payload of `whole`.
  // Without effect unless OK:
  //   RESOURCE_EXHAUSTED  out of memory.
  absl::Status Cut(const engine::CompiledLayer& layer, const batch::Input& whole, int64_t count);
  // Forgets everything, and keeps no memory.
  void Clear();

  // In the order of the answer.
  absl::Span<const PartCost> costs() const { return costs_; }
  const batch::Input& input(size_t part) const { return inputs_.empty() ? *whole_ : inputs_[part]; }

  void SetOutput(size_t part, batch::Output output) { outputs_[part] = std::move(output); }
  // The answer to the whole; forgets everything, in any case.
  // REQUIRES: every output was set.
  //   RESOURCE_EXHAUSTED  out of memory.
  absl::StatusOr<batch::Output> TakeOutput();

 private:
  const batch::Input* whole_ = nullptr;
  std::vector<batch::Input> inputs_;  // of more than one part
  absl::InlinedVector<PartCost, 1> costs_;
  absl::InlinedVector<batch::Output, 1> outputs_;
};

// What computing a request takes, as the engine estimates it.
PartCost CostOf(const engine::CompiledLayer& layer, const batch::Input& input);

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TASK_PARTS_H_
