#include "kernel/engine/tile/tile_cache.h"

#include <algorithm>
#include <utility>

namespace convoy::engine {

TileCache::TileCache(const layer::Conv1D& layer, ByteBudget& budget)
    : budget_(budget), factory_(layer) {
  budget_.Join(*this);
}

TileCache::~TileCache() { budget_.Leave(*this); }

absl::StatusOr<std::shared_ptr<const CompiledTile>> TileCache::Get(const TileShape& shape,
                                                                   const Statement& statement) {
  std::shared_ptr<const CompiledTile> tile = Find({shape, statement.direct()});
  if (tile != nullptr) {
    budget_.CountHit();
    return tile;
  }
  absl::StatusOr<std::shared_ptr<const CompiledTile>> created = Create(shape, statement);
  budget_.Trim();
  return created;
}

std::shared_ptr<const CompiledTile> TileCache::Find(const Key& key) {
  const uint64_t now = budget_.Tick();
  MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  found->second.used = std::max(found->second.used, now);
  return found->second.tile;
}

absl::StatusOr<std::shared_ptr<const CompiledTile>> TileCache::Create(const TileShape& shape,
                                                                      const Statement& statement) {
  MutexLock creating(creating_);
  std::shared_ptr<const CompiledTile> tile = Find({shape, statement.direct()});
  if (tile != nullptr) return tile;  // made by another thread meanwhile
  budget_.CountMiss();
  auto created = factory_.Create(statement, shape);
  if (!created.ok()) created = factory_.Create(DefaultStatement(factory_.layer()), shape);
  if (!created.ok()) return created.status();
  tile = *std::move(created);
  MutexLock lock(mutex_);
  entries_[{shape, statement.direct()}] = Entry{tile, budget_.Tick()};
  return tile;
}

std::vector<TileCache::Key> TileCache::keys() const {
  std::vector<Key> keys;
  MutexLock lock(mutex_);
  keys.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  return keys;
}

size_t TileCache::bytes() const {
  size_t total = factory_.bytes();
  MutexLock lock(mutex_);
  for (const auto& [key, entry] : entries_) total += entry.tile->bytes();
  return total;
}

std::optional<uint64_t> TileCache::OldestUse() const {
  MutexLock lock(mutex_);
  std::optional<uint64_t> oldest;
  for (const auto& [key, entry] : entries_) {
    if (!oldest.has_value() || entry.used < *oldest) oldest = entry.used;
  }
  return oldest;
}

void TileCache::EvictOldest() {
  std::shared_ptr<const CompiledTile> evicted;  // ends after the lock
  MutexLock lock(mutex_);
  const auto oldest =
      std::min_element(entries_.begin(), entries_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  if (oldest == entries_.end()) return;
  evicted = std::move(oldest->second.tile);
  entries_.erase(oldest);
}

}  // namespace convoy::engine
