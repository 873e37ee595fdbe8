// A problem's kernel in the formats that oneDNN's primitives ask for.
#ifndef CONVOY_KERNEL_ENGINE_TILE_PACKED_WEIGHTS_H_
#define CONVOY_KERNEL_ENGINE_TILE_PACKED_WEIGHTS_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/base/mutex.h"
#include "kernel/engine/tile/onednn.h"
#include "kernel/engine/tile/problem.h"

namespace convoy::engine {

// One shared copy for each format that a tile in use asked for; layers use one
// or two. Thread-safe. The problem must outlive it.
class PackedWeights {
 public:
  explicit PackedWeights(const Problem& problem) : problem_(problem) {}

  // `wanted` describes the same values as `plain`, which is how the problem's
  // kernel lies in memory. The copy lives as long as somebody holds it. Throws
  // dnnl::error.
  std::shared_ptr<const dnnl::memory> InFormat(const dnnl::memory::desc& plain,
                                               const dnnl::memory::desc& wanted);

  // Bytes of the copies that are held.
  size_t bytes() const;

 private:
  const Problem& problem_;

  mutable Mutex mutex_;
  std::vector<std::weak_ptr<const dnnl::memory>> formats_ ABSL_GUARDED_BY(mutex_);
};

// A problem and its weights in all forms, shared by the tiles that run it.
struct StatedProblem {
  explicit StatedProblem(Problem from) : problem(std::move(from)), weights(problem) {}
  const Problem problem;
  PackedWeights weights;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_PACKED_WEIGHTS_H_
