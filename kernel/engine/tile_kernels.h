// The kernels of one layer, one a tile length, made when first needed.
#ifndef CONVOY_KERNEL_ENGINE_TILE_KERNELS_H_
#define CONVOY_KERNEL_ENGINE_TILE_KERNELS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/kernel_factory.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_kernel.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Thread-safe: a lookup of a kernel that exists takes no lock. Kernels live as
// long as this object; the layer must outlive it.
class TileKernels {
 public:
  // `statements[i]` is for lengths[i]; where it does not suit that length, the
  // layer's default statement is used.
  TileKernels(const layer::Conv1D& layer, std::vector<int64_t> lengths,
              std::vector<Statement> statements);

  const std::vector<int64_t>& lengths() const { return lengths_; }

  // The kernel for lengths()[index], created on the calling thread if need be
  // (0.3 to 11 ms). Its errors are oneDNN's.
  absl::StatusOr<const TileKernel*> Get(int index);

  // The statement of each run of lengths, and of the longest kernel how oneDNN
  // runs it, for people: "1..32: 1-D; 40..704: 1-D, 4 outputs a row".
  std::string Describe() const;

  // Memory of the kernels made so far and of the packed weights. An estimate.
  size_t bytes() const;

 private:
  absl::StatusOr<std::unique_ptr<TileKernel>> Create(int index);

  const std::vector<int64_t> lengths_;
  const std::vector<Statement> statements_;
  KernelFactory factory_;
  std::vector<std::atomic<const TileKernel*>> ready_;  // by index; null until made

  mutable Mutex mutex_;
  std::vector<std::unique_ptr<TileKernel>> owned_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_KERNELS_H_
