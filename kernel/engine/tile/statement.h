// How a layer's convolution is computed.
#ifndef CONVOY_KERNEL_ENGINE_TILE_STATEMENT_H_
#define CONVOY_KERNEL_ENGINE_TILE_STATEMENT_H_

#include <string>
#include <vector>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Which statements a layer may have.
enum class Algorithm {
  kAuto,    // all
  kDirect,  // no Toom-Cook
};

// Every statement gives the same numbers up to rounding; which is fastest
// depends on the shape and the machine.
struct Statement {
  // 1, or 2 for an image of height 1: oneDNN's depthwise and some other
  // implementations know only images.
  int spatial_dimensions = 1;
  // 0 is the first implementation that oneDNN offers, 1 the next, ...
  int implementation = 0;
  // Output frames folded into one row (Problem::Folded), 0 for the problem as
  // it is.
  int fold = 0;
  // Source and weights are handed over as bfloat16, for layers whose values are
  // of that type anyway: the same products, summed in float32.
  bool bfloat16 = false;
  // As a matrix product, where windows do not overlap (Problem::IsMatmul):
  // kernels of one frame and long strides.
  bool matmul = false;
  // Of Toom-Cook's short convolutions (ToomCook), 0 for a direct convolution.
  int points = 0;

  bool direct() const { return points == 0; }

  friend bool operator==(const Statement&, const Statement&) = default;
};

// "1-D", "2-D, implementation 2", "1-D, 4 outputs per row", "matmul, bfloat16",
// "Toom-Cook, 6 points".
std::string ToString(const Statement& statement);

// The statement that is good without measuring.
Statement DefaultStatement(const layer::Conv1D& layer);

// The statements worth timing for this layer, the default one first, those that are not
// direct last.
std::vector<Statement> CandidateStatements(const layer::Conv1D& layer,
                                           Algorithm algorithm = Algorithm::kAuto);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_STATEMENT_H_
