// How much one execution computes.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TILE_SHAPE_H_
#define CONVOY_KERNEL_ENGINE_TILE_TILE_SHAPE_H_

#include <cstdint>
#include <utility>

namespace convoy::engine {

// `outputs` consecutive output frames of each of `sequences` sequences. Several
// sequences lie as batch::Packing puts sequences with that many outputs, and no
// window that straddles two of them is computed: the packed bytes read as a dense
// (sequences, frames, channels) tensor.
struct TileShape {
  int64_t sequences = 1;
  int64_t outputs = 1;

  // Output frames written.
  int64_t frames() const { return sequences * outputs; }

  friend bool operator==(const TileShape&, const TileShape&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const TileShape& shape) {
    return Hash::combine(std::move(hash), shape.sequences, shape.outputs);
  }
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TILE_SHAPE_H_
