#include "kernel/engine/tile/toom_cook.h"

#include <cstddef>
#include <vector>

namespace convoy::engine {
namespace {

std::vector<double> FinitePoints(int points) {
  if (points == 4) return {0, 1, -1};
  if (points == 6) return {0, 0.5, -0.5, 2, -2};
  return {0, 1, -1, 0.5, -0.5, 2, -2};
}

// Coefficients of the product of (x - root) over all roots but number `left_out`, the
// constant first.
std::vector<double> Polynomial(const std::vector<double>& roots, size_t left_out) {
  std::vector<double> coefficients = {1};
  for (size_t i = 0; i < roots.size(); ++i) {
    if (i == left_out) continue;
    coefficients.insert(coefficients.begin(), 0);
    for (size_t j = 0; j + 1 < coefficients.size(); ++j) {
      coefficients[j] -= roots[i] * coefficients[j + 1];
    }
  }
  return coefficients;
}

double Value(const std::vector<double>& polynomial, double x) {
  double value = 0;
  for (size_t i = polynomial.size(); i-- > 0;) value = value * x + polynomial[i];
  return value;
}

}  // namespace

ToomCook::ToomCook(int with_points, int with_taps)
    : points(with_points), taps(with_taps), outputs(with_points - with_taps + 1) {
  const std::vector<double> finite = FinitePoints(points);
  for (size_t i = 0; i < finite.size(); ++i) {
    const std::vector<double> others = Polynomial(finite, i);
    for (size_t j = 0; j < others.size(); ++j) source[i][j] = others[j];
    double power = 1;
    for (int k = 0; k < points; ++k, power *= finite[i]) {
      if (k < taps) kernel[i][k] = power / Value(others, finite[i]);
      if (k < outputs) results[k][i] = power;
    }
  }
  const std::vector<double> all = Polynomial(finite, finite.size());
  for (size_t j = 0; j < all.size(); ++j) source[points - 1][j] = all[j];
  kernel[points - 1][taps - 1] = 1;
  results[outputs - 1][points - 1] = 1;
}

}  // namespace convoy::engine
