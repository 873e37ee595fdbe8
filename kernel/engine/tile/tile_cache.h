// The compiled tiles of one layer, one per shape, made when first needed.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TILE_CACHE_H_
#define CONVOY_KERNEL_ENGINE_TILE_TILE_CACHE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/tile/block_counts.h"
#include "kernel/engine/tile/byte_budget.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_factory.h"
#include "kernel/engine/tile/tile_shape.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Thread-safe. The layer and the budget must outlive it, the layer its tiles too.
class TileCache : private ByteBudget::Member {
 public:
  TileCache(const layer::Conv1D& layer, ByteBudget& budget);
  ~TileCache() override;
  TileCache(const TileCache&) = delete;
  TileCache& operator=(const TileCache&) = delete;

  // The tile of `shape`, created on the calling thread if it is not kept (0.3
  // to 11 ms): by `statement`, or the layer's default one where that does not suit
  // the shape. Of each shape one direct statement and one other are kept, the first
  // ones. Its errors are oneDNN's.
  absl::StatusOr<std::shared_ptr<const CompiledTile>> Get(const TileShape& shape,
                                                          const Statement& statement);

  // What is kept of a shape.
  struct Key {
    TileShape shape;
    bool direct = true;  // Statement::direct

    friend bool operator==(const Key&, const Key&) = default;

    template <typename Hash>
    friend Hash AbslHashValue(Hash hash, const Key& key) {
      return Hash::combine(std::move(hash), key.shape, key.direct);
    }
  };
  // Of the tiles kept now, in no order.
  std::vector<Key> keys() const;

  // Makes tiles that are not kept here and share the weights of those that are.
  TileFactory& factory() { return factory_; }

  // Of the Toom-Cook tiles that were kept.
  const BlockCounts& counts() const { return factory_.counts(); }

  // Memory of the tiles kept now and of their packed weights. An estimate.
  size_t bytes() const override;

 private:
  struct Entry {
    std::shared_ptr<const CompiledTile> tile;
    uint64_t used = 0;
  };

  std::optional<uint64_t> OldestUse() const override;
  void EvictOldest() override;

  std::shared_ptr<const CompiledTile> Find(const Key& key);
  absl::StatusOr<std::shared_ptr<const CompiledTile>> Create(const TileShape& shape,
                                                             const Statement& statement);

  ByteBudget& budget_;
  TileFactory factory_;

  Mutex creating_;  // held while a tile is made; taken before mutex_
  mutable Mutex mutex_;
  absl::flat_hash_map<Key, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TILE_CACHE_H_
