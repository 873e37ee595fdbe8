// A problem's kernel as Toom-Cook tiles multiply with it.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TOOM_WEIGHTS_H_
#define CONVOY_KERNEL_ENGINE_TILE_TOOM_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/toom_bounds.h"
#include "kernel/engine/tile/toom_cook.h"

namespace convoy::engine {

// Transformed once, in double, and shared by the tiles of a layer. Immutable;
// thread-safe. The problem need not outlive it.
class ToomWeights {
 public:
  // REQUIRES: Fits(problem.size(), points).
  ToomWeights(const Problem& problem, int points);

  // Whether there is such a statement of such a problem: stride 1, no groups, two to
  // seven taps, whole vectors of channels and filters, and at least two outputs a group.
  static bool Fits(const ProblemSize& size, int points);

  const ToomCook& cook() const { return cook_; }
  const ToomBounds& bounds() const { return bounds_; }

  // The weights of kToomFilters filters at one point: (channels, kToomFilters), zeros
  // where there are no more filters.
  const float* Panel(int64_t panel, int point) const {
    return panels_.data() + (panel * cook_.points + point) * panel_size_;
  }

  size_t bytes() const { return panels_.size() * sizeof(float) + bounds_.bytes(); }

 private:
  const ToomCook cook_;
  const ToomBounds bounds_;
  const int64_t panel_size_;  // floats
  std::vector<float> panels_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TOOM_WEIGHTS_H_
