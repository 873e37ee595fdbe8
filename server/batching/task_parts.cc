#include "server/batching/task_parts.h"

#include <iterator>
#include <utility>

#include "kernel/base/out_of_memory.h"
#include "kernel/batch/parts.h"

namespace convoy::batching {

void TaskParts::SetWhole(const batch::Input& whole, const PartCost& cost) {
  Clear();
  whole_ = &whole;
  costs_.assign(1, cost);
  outputs_.resize(1);
}

absl::Status TaskParts::Cut(const engine::CompiledLayer& layer, const batch::Input& whole,
                            int64_t count) {
  return CatchOutOfMemory("cutting the request into parts", [&] {
    TaskParts cut;
    cut.inputs_ = batch::Cut(layer.layer(), whole, count);
    for (const batch::Input& input : cut.inputs_) cut.costs_.push_back(CostOf(layer, input));
    cut.outputs_.resize(cut.inputs_.size());
    *this = std::move(cut);
    return absl::OkStatus();
  });
}

void TaskParts::Clear() {
  inputs_ = {};
  costs_.clear();
  costs_.shrink_to_fit();
  outputs_.clear();
  outputs_.shrink_to_fit();
}

absl::StatusOr<batch::Output> TaskParts::TakeOutput() {
  auto answer =
      CatchOutOfMemory("joining the answer's parts", [&]() -> absl::StatusOr<batch::Output> {
        if (outputs_.size() == 1) return std::move(outputs_.front());
        return batch::Join(
            {std::make_move_iterator(outputs_.begin()), std::make_move_iterator(outputs_.end())});
      });
  Clear();
  return answer;
}

PartCost CostOf(const engine::CompiledLayer& layer, const batch::Input& input) {
  PartCost cost{.seconds = layer.EstimateSeconds(input.shape),
                .answer_bytes = layer.OutputBytes(input.shape),
                .run_bytes = layer.RunBytes(input.shape)};
  for (const batch::Bytes& piece : input.payload) {
    cost.bytes += static_cast<int64_t>(piece.size());
  }
  return cost;
}

}  // namespace convoy::batching
