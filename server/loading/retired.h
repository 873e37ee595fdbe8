// What is not live any more and may still be in use.
#ifndef CONVOY_SERVER_LOADING_RETIRED_H_
#define CONVOY_SERVER_LOADING_RETIRED_H_

#include <memory>
#include <utility>
#include <vector>

#include "kernel/base/mutex.h"

namespace convoy::loading {

// Keeps old versions and snapshots until their last request has ended, so that their
// memory, hundreds of megabytes perhaps, is given back by the thread that sweeps and
// not by the one that happens to end that request.
//
// Thread-safe.
class Retired {
 public:
  void Add(std::shared_ptr<const void> object) {
    MutexLock lock(mutex_);
    objects_.push_back(std::move(object));
  }

  // Frees what nobody else holds. Returns how many objects are left.
  size_t Sweep();

 private:
  Mutex mutex_;
  std::vector<std::shared_ptr<const void>> objects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_RETIRED_H_
