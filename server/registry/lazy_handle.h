// A way to run a layer that is made when it is first asked for.
#ifndef CONVOY_SERVER_REGISTRY_LAZY_HANDLE_H_
#define CONVOY_SERVER_REGISTRY_LAZY_HANDLE_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "server/batching/layer_handle.h"

namespace convoy::registry {

// Thread-safe.
class LazyHandle {
 public:
  using Make = std::function<absl::StatusOr<std::shared_ptr<batching::LayerHandle>>()>;

  // `make` is called by one thread at a time, and again after an error.
  explicit LazyHandle(Make make) : make_(std::move(make)) {}

  // What was made; null before. Does not wait.
  std::shared_ptr<batching::LayerHandle> ready() const {
    const MutexLock lock(mutex_);
    return made_;
  }

  // Makes it unless it is there. Takes long.
  absl::StatusOr<std::shared_ptr<batching::LayerHandle>> Get() {
    const MutexLock making(making_);
    if (auto made = ready(); made != nullptr) return made;
    absl::StatusOr<std::shared_ptr<batching::LayerHandle>> made = make_();
    if (!made.ok()) return made;
    const MutexLock lock(mutex_);
    made_ = *made;
    return made;
  }

 private:
  const Make make_;
  Mutex making_;  // taken before mutex_
  mutable Mutex mutex_;
  std::shared_ptr<batching::LayerHandle> made_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::registry

#endif  // CONVOY_SERVER_REGISTRY_LAZY_HANDLE_H_
