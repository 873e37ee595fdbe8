#include "server/batching/improvement.h"

#include <utility>

namespace convoy::batching {
namespace {

constexpr double kFirstSeconds = 0.02;
constexpr double kShareOfBatches = 0.01;

}  // namespace

void Improvement::NoteBatch(const std::shared_ptr<LayerHandle>& layer, double seconds) {
  Spent& spent = spent_.Get(layer);
  spent.on_batches += seconds;
  NoteIfDue(layer, spent);
}

void Improvement::NoteImproved(const std::shared_ptr<LayerHandle>& layer, double seconds) {
  Spent& spent = spent_.Get(layer);
  spent.on_improving += seconds;
  NoteIfDue(layer, spent);
}

std::shared_ptr<LayerHandle> Improvement::Take() { return std::exchange(due_, nullptr); }

void Improvement::Close() {
  closed_ = true;
  due_ = nullptr;
}

void Improvement::NoteIfDue(const std::shared_ptr<LayerHandle>& layer, const Spent& spent) {
  if (closed_ || due_ != nullptr) return;
  if (spent.on_improving >= kFirstSeconds + kShareOfBatches * spent.on_batches) return;
  if (layer->compiled().WantsImprovement()) due_ = layer;
}

}  // namespace convoy::batching
