// A short convolution with fewer multiplications than taps times outputs.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TOOM_COOK_H_
#define CONVOY_KERNEL_ENGINE_TILE_TOOM_COOK_H_

#include <array>

namespace convoy::engine {

// F(m, r) after Toom and Cook (in two dimensions known as Winograd's): m outputs of r
// taps, y[p] = sum over k of w[k] x[p + k], from n = m + r - 1 products instead of m r:
//
//   y = A^T [(G w) * (B^T x)]
//
// the product element by element. Two polynomials of the lengths m and r multiply to
// one of length n, which n values determine: those at n - 1 points and at infinity.
// This is that, transposed. Rounding grows with the size of the matrices' elements:
// the points are those with the least growth of all simple fractions, and symmetric,
// so that a point and its negative share half of the work. All are exact in binary.
struct ToomCook {
  static constexpr int kMostPoints = 8;

  using Matrix = std::array<std::array<double, kMostPoints>, kMostPoints>;

  // REQUIRES: HasPoints(points), 1 < taps < points.
  ToomCook(int points, int taps);

  // Whether there is such a set: 4 is 0, 1, -1 and infinity; 6 is 0, 1/2, -1/2, 2, -2
  // and infinity; 8 has 1 and -1 as well.
  static bool HasPoints(int points) { return points == 4 || points == 6 || points == 8; }

  int points;           // n
  int taps;             // r
  int outputs;          // m
  Matrix source = {};   // B^T, (n, n)
  Matrix kernel = {};   // G, (n, r)
  Matrix results = {};  // A^T, (m, n)
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TOOM_COOK_H_
