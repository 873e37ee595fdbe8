// A problem's kernel in the formats that oneDNN's primitives ask for.
#ifndef CONVOY_KERNEL_ENGINE_PACKED_WEIGHTS_H_
#define CONVOY_KERNEL_ENGINE_PACKED_WEIGHTS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "kernel/base/mutex.h"
#include "kernel/engine/onednn.h"
#include "kernel/engine/problem.h"

namespace convoy::engine {

// Keeps one shared copy for each format that was ever asked for; layers use one
// or two. Thread-safe. The problem must outlive it.
class PackedWeights {
 public:
  explicit PackedWeights(const Problem& problem) : problem_(problem) {}

  // `wanted` describes the same values as `plain`, which is how the problem's
  // kernel lies in memory; the result lives as long as this object. Throws
  // dnnl::error.
  const dnnl::memory& InFormat(const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted);

  // Bytes of all copies.
  size_t bytes() const;

 private:
  const Problem& problem_;

  mutable Mutex mutex_;
  std::vector<std::unique_ptr<dnnl::memory>> formats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PACKED_WEIGHTS_H_
