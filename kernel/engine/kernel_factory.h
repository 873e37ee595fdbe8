// Makes the kernels of one layer, in any statement.
#ifndef CONVOY_KERNEL_ENGINE_KERNEL_FACTORY_H_
#define CONVOY_KERNEL_ENGINE_KERNEL_FACTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/packed_weights.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_kernel.h"
#include "kernel/engine/tile_shape.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Kernels share the weights in every form that one of them needs; a form lives as
// long as a kernel that uses it.
//
// Thread-safe. The layer must outlive it and its kernels.
class KernelFactory {
 public:
  explicit KernelFactory(const layer::Conv1D& layer) : layer_(layer) {}

  const layer::Conv1D& layer() const { return layer_; }

  // A kernel for `shape`. Takes 0.3 to 11 ms.
  //   UNIMPLEMENTED     oneDNN offers no such implementation.
  //   INVALID_ARGUMENT  the outputs are not a multiple of the fold, several
  //                     sequences are to be folded, or the statement does not
  //                     suit the layer.
  absl::StatusOr<std::unique_ptr<TileKernel>> Create(const Statement& statement,
                                                     const TileShape& shape);

  // Memory of the weights in all forms, the layer's own not counted.
  size_t bytes() const;

 private:
  std::shared_ptr<StatedProblem> StatedFor(int fold);
  absl::StatusOr<std::unique_ptr<TileKernel>> CreateBfloat16(const Statement& statement,
                                                             const TileShape& shape);
  absl::StatusOr<std::unique_ptr<TileKernel>> CreateFolded(const Statement& statement,
                                                           const TileShape& shape);

  const layer::Conv1D& layer_;

  mutable Mutex mutex_;
  std::map<int, std::weak_ptr<StatedProblem>> stated_ ABSL_GUARDED_BY(mutex_);  // by fold
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_KERNEL_FACTORY_H_
