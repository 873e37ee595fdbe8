#include "kernel/engine/tile_kernels.h"

#include <algorithm>
#include <utility>

namespace convoy::engine {

TileKernels::TileKernels(const layer::Conv1D& layer, PrimitiveCache& cache)
    : cache_(cache), factory_(layer) {
  cache_.Join(*this);
}

TileKernels::~TileKernels() { cache_.Leave(*this); }

absl::StatusOr<std::shared_ptr<const TileKernel>> TileKernels::Get(const TileShape& shape,
                                                                   const Statement& statement) {
  std::shared_ptr<const TileKernel> kernel = Find(shape);
  if (kernel != nullptr) {
    cache_.CountHit();
    return kernel;
  }
  absl::StatusOr<std::shared_ptr<const TileKernel>> created = Create(shape, statement);
  cache_.Trim();
  return created;
}

std::shared_ptr<const TileKernel> TileKernels::Find(const TileShape& shape) {
  const uint64_t now = cache_.Tick();
  MutexLock lock(mutex_);
  const auto found = entries_.find(shape);
  if (found == entries_.end()) return nullptr;
  found->second.used = std::max(found->second.used, now);
  return found->second.kernel;
}

absl::StatusOr<std::shared_ptr<const TileKernel>> TileKernels::Create(const TileShape& shape,
                                                                      const Statement& statement) {
  MutexLock creating(creating_);
  std::shared_ptr<const TileKernel> kernel = Find(shape);
  if (kernel != nullptr) return kernel;  // made by another thread meanwhile
  cache_.CountMiss();
  auto created = factory_.Create(statement, shape);
  if (!created.ok()) created = factory_.Create(DefaultStatement(factory_.layer()), shape);
  if (!created.ok()) return created.status();
  kernel = *std::move(created);
  MutexLock lock(mutex_);
  entries_[shape] = Entry{kernel, cache_.Tick()};
  return kernel;
}

size_t TileKernels::bytes() const {
  size_t total = factory_.bytes();
  MutexLock lock(mutex_);
  for (const auto& [shape, entry] : entries_) total += entry.kernel->bytes();
  return total;
}

std::optional<uint64_t> TileKernels::OldestUse() const {
  MutexLock lock(mutex_);
  std::optional<uint64_t> oldest;
  for (const auto& [shape, entry] : entries_) {
    if (!oldest.has_value() || entry.used < *oldest) oldest = entry.used;
  }
  return oldest;
}

void TileKernels::EvictOldest() {
  std::shared_ptr<const TileKernel> evicted;  // ends after the lock
  MutexLock lock(mutex_);
  const auto oldest =
      std::min_element(entries_.begin(), entries_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  if (oldest == entries_.end()) return;
  evicted = std::move(oldest->second.kernel);
  entries_.erase(oldest);
}

}  // namespace convoy::engine
