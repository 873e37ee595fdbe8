// A tile that multiplies less than the layer does.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TOOM_TILE_H_
#define CONVOY_KERNEL_ENGINE_TILE_TOOM_TILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/types/span.h"
#include "kernel/engine/tile/block_counts.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/packed_weights.h"
#include "kernel/engine/tile/toom_bounds.h"
#include "kernel/engine/tile/toom_weights.h"

namespace convoy::engine {

// Toom-Cook's short convolutions over groups of outputs of one sequence, `dilation_rate`
// frames apart from one to the next:
//
//   outputs   0 1 2 3 | 4 5 6 7 | ...           dilation_rate 1, 4 outputs a group
//   outputs   0 2 4 6 | 1 3 5 7 | 8 10 12 14 |  dilation_rate 2
//
// and blocks of whole groups that cover consecutive outputs. A block in which a group
// does not pass ToomBounds is computed by a direct tile. So is what is not finite, and
// all at once where a sample of it does not pass: that costs next to nothing.
class ToomTile : public CompiledTile {
 public:
  // The outputs of a block of a tile: blocks are as equal as whole groups allow.
  static int64_t BlockOutputs(const ProblemSize& size, const ToomCook& cook, int64_t outputs);

  struct Parts {
    std::shared_ptr<const StatedProblem> stated;
    std::shared_ptr<const ToomWeights> weights;
    std::unique_ptr<const CompiledTile> direct;  // of BlockOutputs
  };

  // Of so many outputs of one sequence. `counts` must outlive the tile.
  // REQUIRES: HasAvx2().
  ToomTile(int64_t outputs, Parts parts, BlockCounts& counts);

  absl::Status Run(const float* source, float* target, TileScratch& scratch) const override {
    return RunFirst(shape().outputs, source, target, scratch);
  }
  absl::Status RunFirst(int64_t wanted, const float* source, float* target,
                        TileScratch& scratch) const override;
  int64_t source_frames() const override { return size_.SourceFrames(shape().outputs); }
  size_t bytes() const override { return direct_->bytes(); }
  std::string Describe() const override;

 private:
  // One run's memory and what it is about.
  struct Work {
    const float* source;
    float* target;
    int64_t wanted;             // outputs
    ToomBounds::Frame* frames;  // as they are measured
    int64_t measured = 0;       // all that the block needs that are before this one
    const float* silence;       // a frame of zeros
    float* transformed;         // (points, groups, channels)
    float* products;            // (points, groups, kToomFilters)
  };

  Work Prepare(int64_t wanted, const float* source, float* target, TileScratch& scratch) const;
  void Count(uint64_t blocks, uint64_t fell_back) const;
  void Measure(const Work& work, int64_t frame) const;
  // The frames of the group that begins with an output, where not done before.
  void MeasureFor(Work& work, int64_t output) const;
  bool IsPromising(const Work& work) const;
  // The first output of a block's group.
  int64_t FirstOutput(int64_t block, int64_t group) const;
  // Whether all of it passed, and was computed.
  bool RunBlock(Work& work, int64_t block) const;
  // Transforms the group that begins with an output, and says whether it passes.
  // REQUIRES: its frames are measured.
  bool Transform(const Work& work, int64_t output, int64_t place) const;
  void Multiply(const Work& work, int64_t block, int64_t first_group, int64_t count) const;
  // Output p of the group that begins with output `group`, null if nobody wants it.
  float* Target(const Work& work, int64_t group, int p, int64_t filter) const;
  // kToomFilters filters of groups, which are given by their first outputs.
  void MultiplyPanels(const Work& work, int64_t filter, absl::Span<const int64_t> groups) const;
  void WriteResults(const Work& work, int64_t filter, absl::Span<const int64_t> groups) const;

  const std::shared_ptr<const StatedProblem> stated_;
  const std::shared_ptr<const ToomWeights> weights_;
  const std::unique_ptr<const CompiledTile> direct_;  // of a block
  const ProblemSize size_;
  const ToomCook& cook_;
  const int64_t block_;   // outputs
  const int64_t groups_;  // that are transformed at a time, in whole kToomGroups
  // Floats from one transformed point to the next: not a multiple of the cache's ways, so
  // that the points of one channel do not drive each other out.
  const int64_t pitch_;
  BlockCounts& counts_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TOOM_TILE_H_
