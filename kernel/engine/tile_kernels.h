// The kernels of one layer, one a tile shape, made when first needed.
#ifndef CONVOY_KERNEL_ENGINE_TILE_KERNELS_H_
#define CONVOY_KERNEL_ENGINE_TILE_KERNELS_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/kernel_factory.h"
#include "kernel/engine/primitive_cache.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_kernel.h"
#include "kernel/engine/tile_shape.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Thread-safe. The layer and the cache must outlive it, the layer its kernels too.
class TileKernels : private PrimitiveCache::Member {
 public:
  TileKernels(const layer::Conv1D& layer, PrimitiveCache& cache);
  ~TileKernels() override;
  TileKernels(const TileKernels&) = delete;
  TileKernels& operator=(const TileKernels&) = delete;

  // The kernel for `shape`, created on the calling thread if it is not kept (0.3
  // to 11 ms): by `statement`, or the layer's default one where that does not suit
  // the shape. A shape's first statement is kept with it. Its errors are oneDNN's.
  absl::StatusOr<std::shared_ptr<const TileKernel>> Get(const TileShape& shape,
                                                        const Statement& statement);

  // Makes kernels that are not kept here and share the weights of those that are.
  KernelFactory& factory() { return factory_; }

  // Memory of the kernels kept now and of their packed weights. An estimate.
  size_t bytes() const override;

 private:
  struct Entry {
    std::shared_ptr<const TileKernel> kernel;
    uint64_t used = 0;
  };

  std::optional<uint64_t> OldestUse() const override;
  void EvictOldest() override;

  std::shared_ptr<const TileKernel> Find(const TileShape& shape);
  absl::StatusOr<std::shared_ptr<const TileKernel>> Create(const TileShape& shape,
                                                           const Statement& statement);

  PrimitiveCache& cache_;
  KernelFactory factory_;

  Mutex creating_;  // held while a kernel is made; taken before mutex_
  mutable Mutex mutex_;
  absl::flat_hash_map<TileShape, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_KERNELS_H_
