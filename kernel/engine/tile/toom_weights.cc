#include "kernel/engine/tile/toom_weights.h"

#include <algorithm>

#include "kernel/engine/tile/toom_kernels.h"

namespace convoy::engine {

ToomWeights::ToomWeights(const Problem& problem, int points)
    : cook_(points, static_cast<int>(problem.size().kernel_size)),
      bounds_(cook_, problem, problem.size().filters),
      panel_size_(problem.size().channels * kToomFilters) {
  const int64_t channels = problem.size().channels;
  const int64_t filters = problem.size().filters;
  const int64_t panels = (filters + kToomFilters - 1) / kToomFilters;
  panels_.resize(static_cast<size_t>(panels * points * panel_size_));
  std::vector<double> row(static_cast<size_t>(filters));  // of G w, at one point and channel
  for (int i = 0; i < points; ++i) {
    for (int64_t c = 0; c < channels; ++c) {
      std::fill(row.begin(), row.end(), 0.0);
      for (int k = 0; k < cook_.taps; ++k) {
        const float* const tap = problem.kernel().data() + (k * channels + c) * filters;
        for (int64_t f = 0; f < filters; ++f) row[f] += cook_.kernel[i][k] * double{tap[f]};
      }
      for (int64_t f = 0; f < filters; ++f) {
        const int64_t panel = f / kToomFilters * points + i;
        panels_[panel * panel_size_ + c * kToomFilters + f % kToomFilters] =
            static_cast<float>(row[f]);
      }
    }
  }
}

bool ToomWeights::Fits(const ProblemSize& size, int points) {
  return ToomCook::HasPoints(points) && size.strides == 1 && size.groups == 1 &&
         size.kernel_size > 1 && size.kernel_size < points && size.channels % kToomLanes == 0 &&
         size.filters % kToomLanes == 0;
}

}  // namespace convoy::engine
