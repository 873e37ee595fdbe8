#include "server/batching/task_parts.h"

#include <iterator>
#include <new>
#include <utility>

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
  TaskParts cut;
  try {
    cut.inputs_ = batch::Cut(layer.layer(), whole, count);
    for (const batch::Input& input : cut.inputs_) cut.costs_.push_back(CostOf(layer, input));
    cut.outputs_.resize(cut.inputs_.size());
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory for the parts of the request");
  }
  *this = std::move(cut);
  return absl::OkStatus();
}

void TaskParts::Clear() {
  inputs_ = {};
  costs_.clear();
  costs_.shrink_to_fit();
  outputs_.clear();
  outputs_.shrink_to_fit();
}

batch::Output TaskParts::TakeOutput() {
  batch::Output answer;
  if (outputs_.size() == 1) {
    answer = std::move(outputs_.front());
  } else {
    answer = batch::Join(
        {std::make_move_iterator(outputs_.begin()), std::make_move_iterator(outputs_.end())});
  }
  Clear();
  return answer;
}

PartCost CostOf(const engine::CompiledLayer& layer, const batch::Input& input) {
  PartCost cost{.seconds = layer.EstimateSeconds(input.shape),
                .answer_bytes = layer.OutputBytes(input.shape)};
  for (const batch::Bytes& piece : input.payload) {
    cost.bytes += static_cast<int64_t>(piece.size());
  }
  return cost;
}

}  // namespace convoy::batching
