// How wrong a Toom-Cook convolution can be, against what is promised.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TOOM_BOUNDS_H_
#define CONVOY_KERNEL_ENGINE_TILE_TOOM_BOUNDS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/toom_cook.h"

namespace convoy::engine {

// Decides whether a group of outputs keeps the promise: an error of at most 1e-5 of
// the sum of the absolute products of its own window, for every output and filter.
//
// With u = 2^-24, x the frames of a group, V = B^T x, U = G w, output p is wrong by at
// most
//
//   E = u (a N' + N),   N' = sum over i of |A[p,i]| (|V[i]| . |U[i]|),
//                       N  = sum over i, j of |A[p,i] B[i,j]| (|x[j]| . |U[i]|)
//
// where . is the product over channels. N is what rounding V and U costs, N' what
// adding the products costs: `a` is kRounding, found with inputs chosen to make
// rounding errors agree (docs/adr/0018), in sums of at most kToomChain. Cauchy's
// inequality bounds the products over channels by norms: of U known when the weights
// are, of V and x taken while they are transformed.
//
// The promise is D = sum over taps of |x[p + k]| . |w[k]|, which must be bounded from
// below by as little as is known of x: its sum s and its norm n. The least product of
// |w| with any non-negative x of these two is that of x = max(0, b - c |w|): most where
// the weights are least. It is s times a function of (s / n)^2, the number of channels
// among which x is spread, which does not fall when that grows: a table of it, rounded
// down, the least of all filters: for each tap, and for all taps of a filter together,
// which is more where the frames of a window are alike.
//
// Filters count by their D of noise, so that a large one does not hide a small one. What
// is infinite, NaN, or so large or small that float32 has not
// its full precision does not pass.
//
// Immutable; thread-safe.
class ToomBounds {
 public:
  // For the first `filters` filters.
  // REQUIRES: cook is for the problem's taps.
  ToomBounds(const ToomCook& cook, const Problem& problem, int64_t filters);

  // Whether groups of independent frames of one size, such as noise, pass. Where not,
  // transforming is lost labour: weights that are not finite, kernels with a few large
  // taps or channels.
  bool Suits() const { return suits_; }

  // What is to be known of a frame, from the sums of its magnitudes and their squares.
  struct Frame {
    float norm;
    float sum;                                       // 0 where too little to count on
    int entry;                                       // of the tables, for its spread
    std::array<float, ToomCook::kMostPoints> least;  // by tap: of its products
  };
  void Measure(float sum, float squares, Frame& frame) const;

  // Of a frame of zeros.
  const Frame& silence() const { return silence_; }

  // Whether the first `outputs` outputs of a group pass. `squares` are those of V, by
  // point; frames[j] is that of its j-th one, for all j < points.
  bool Pass(const float* squares, const Frame* const* frames, int outputs) const;

  size_t bytes() const { return least_.size() * sizeof(Taps) + window_.size() * sizeof(float); }

 private:
  static constexpr int kTable = 128;  // entries, for 0 to all channels
  using Taps = std::array<float, ToomCook::kMostPoints>;
  using Costs = std::array<std::array<float, ToomCook::kMostPoints>, ToomCook::kMostPoints>;

  // Returns whether the weights are within float32's full precision.
  bool AddFilter(const ToomCook& cook, absl::Span<double> weights, std::vector<double>& norms);
  // The least promise of an output whose window begins with the first of `frames`.
  float Promise(const Frame* const* frames) const;
  void AddCosts(const ToomCook& cook, const std::vector<double>& norms);
  bool NoisePasses(const ToomCook& cook) const;

  const int points_;
  const int taps_;
  const int64_t channels_;
  bool suits_ = false;
  bool flat_ = false;  // the magnitudes of a filter are about equal
  const Frame silence_ = {};
  // In units of u and of a filter's size: of a norm of V, by point and output; of a
  // norm of x, by frame and output.
  Costs point_costs_ = {};
  Costs frame_costs_ = {};
  std::vector<Taps> least_;    // (kTable), for a sum of 1
  std::vector<float> window_;  // (kTable), for a window of such frames
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TOOM_BOUNDS_H_
