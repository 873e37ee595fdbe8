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
#include "kernel/engine/problem.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_kernel.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Holds the weights in every form that a kernel it made needs, each once.
//
// Thread-safe. Must outlive its kernels; the layer must outlive it.
class KernelFactory {
 public:
  explicit KernelFactory(const layer::Conv1D& layer) : layer_(layer) {}

  const layer::Conv1D& layer() const { return layer_; }

  // A kernel for `outputs` output frames. Takes 0.3 to 11 ms.
  //   UNIMPLEMENTED     oneDNN offers no such implementation.
  //   INVALID_ARGUMENT  `outputs` is not a multiple of the fold.
  absl::StatusOr<std::unique_ptr<TileKernel>> Create(const Statement& statement, int64_t outputs);

  // Memory of the packed weights.
  size_t bytes() const;

 private:
  struct Stated {
    explicit Stated(Problem from) : problem(std::move(from)), weights(problem) {}
    const Problem problem;
    PackedWeights weights;
  };

  Stated& StatedFor(int fold);
  absl::StatusOr<std::unique_ptr<TileKernel>> CreateBfloat16(Stated& plain,
                                                             const Statement& statement,
                                                             int64_t outputs);
  absl::StatusOr<std::unique_ptr<TileKernel>> CreateFolded(const Statement& statement,
                                                           int64_t outputs);

  const layer::Conv1D& layer_;

  mutable Mutex mutex_;
  std::map<int, std::unique_ptr<Stated>> stated_ ABSL_GUARDED_BY(mutex_);  // by fold
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_KERNEL_FACTORY_H_
