#include "server/loading/retired.h"

#include <algorithm>
#include <iterator>

namespace convoy::loading {

size_t Retired::Sweep() {
  size_t left = 0;
  // One may hold another, a snapshot its versions: until nothing more comes free.
  for (bool again = true; again;) {
    std::vector<std::shared_ptr<const void>> unused;  // freed without the lock
    MutexLock lock(mutex_);
    const auto used = std::partition(objects_.begin(), objects_.end(), [](const auto& object) {
      // Whoever is the last to hold it stays so.
      return object.use_count() > 1;
    });
    unused.assign(std::make_move_iterator(used), std::make_move_iterator(objects_.end()));
    objects_.erase(used, objects_.end());
    again = !unused.empty();
    left = objects_.size();
  }
  return left;
}

}  // namespace convoy::loading
