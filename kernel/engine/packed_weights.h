// A layer's kernel and bias in the formats that oneDNN's primitives ask for.
#ifndef CONVOY_KERNEL_ENGINE_PACKED_WEIGHTS_H_
#define CONVOY_KERNEL_ENGINE_PACKED_WEIGHTS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "kernel/base/mutex.h"
#include "kernel/engine/onednn.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Keeps one shared copy for each format that was ever asked for; layers use one
// or two. Thread-safe. The layer must outlive it.
class PackedWeights {
 public:
  explicit PackedWeights(const layer::Conv1D& layer) : layer_(layer) {}

  // `wanted` describes the same values as `plain`, which is how the layer's
  // kernel lies in memory; the result lives as long as this object. Throws
  // dnnl::error.
  const dnnl::memory& InFormat(const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted);

  // Bytes of all copies.
  size_t bytes() const;

 private:
  const layer::Conv1D& layer_;

  mutable Mutex mutex_;
  std::vector<std::unique_ptr<dnnl::memory>> formats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PACKED_WEIGHTS_H_
