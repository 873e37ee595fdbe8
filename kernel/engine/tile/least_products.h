// The least that weights can make of a signal of which little is known.
#ifndef CONVOY_KERNEL_ENGINE_TILE_LEAST_PRODUCTS_H_
#define CONVOY_KERNEL_ENGINE_TILE_LEAST_PRODUCTS_H_

#include "absl/types/span.h"

namespace convoy::engine {

// The least value of sum(x w) over x >= 0 with sum(x) = 1 and sum(x^2) <= 1 / spread,
// for spread = 0, 1, ... of table.size() parts of all channels; never more than it is.
// It is reached by x = max(0, level - w), for some level, and does not fall when the
// spread grows. `weights` are not negative, in any order.
// REQUIRES: there is one.
void FindLeastProducts(absl::Span<const double> weights, absl::Span<double> table);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_LEAST_PRODUCTS_H_
