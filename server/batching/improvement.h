// Which layer may be made faster now.
#ifndef CONVOY_SERVER_BATCHING_IMPROVEMENT_H_
#define CONVOY_SERVER_BATCHING_IMPROVEMENT_H_

#include <memory>

#include "server/batching/layer_handle.h"
#include "server/batching/per_layer.h"

namespace convoy::batching {

// A layer can time further ways to compute what its requests bring often
// (CompiledLayer::Improve). Who has computed for it notes so here, and the next
// worker that is free improves it: for 20 ms at first, and then for 1 % of the time
// that its batches take.
//
// Not thread-safe: the scheduler's, under its mutex; the timing is done outside.
class Improvement {
 public:
  // A batch of the layer took so long.
  void NoteBatch(const std::shared_ptr<LayerHandle>& layer, double seconds);
  // It was improved for so long.
  void NoteImproved(const std::shared_ptr<LayerHandle>& layer, double seconds);

  // Whether a layer is to be improved.
  bool is_due() const { return due_ != nullptr; }
  // That layer, which is then the caller's to improve; null if there is none.
  std::shared_ptr<LayerHandle> Take();

  // None is to be improved any more.
  void Close();

 private:
  struct Spent {
    double on_batches = 0;
    double on_improving = 0;
  };

  void NoteIfDue(const std::shared_ptr<LayerHandle>& layer, const Spent& spent);

  PerLayer<Spent> spent_;
  std::shared_ptr<LayerHandle> due_;
  bool closed_ = false;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_IMPROVEMENT_H_
