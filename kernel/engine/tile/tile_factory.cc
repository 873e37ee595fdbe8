#include "kernel/engine/tile/tile_factory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tile/finite_tile.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/onednn_tile.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/toom_tile.h"

namespace convoy::engine {

std::shared_ptr<StatedProblem> TileFactory::StatedFor(int fold) {
  MutexLock lock(mutex_);
  std::shared_ptr<StatedProblem> stated = stated_[fold].lock();
  if (stated == nullptr) {
    stated = std::make_shared<StatedProblem>(fold == 0 ? Problem(layer_)
                                                       : Problem::Folded(layer_, fold));
    stated_[fold] = stated;
  }
  return stated;
}

absl::StatusOr<std::unique_ptr<CompiledTile>> TileFactory::Create(const Statement& statement,
                                                                  const TileShape& shape) {
  if (!statement.direct()) return CreateToom(statement, shape);
  if (statement.fold > 0) return CreateFolded(statement, shape);
  if (statement.bfloat16) return CreateBfloat16(statement, shape);
  return OnednnTile::Create(StatedFor(0), statement, shape);
}

absl::StatusOr<std::unique_ptr<CompiledTile>> TileFactory::CreateBfloat16(
    const Statement& statement, const TileShape& shape) {
  CONVOY_ASSIGN_OR_RETURN(auto fast, OnednnTile::Create(StatedFor(0), statement, shape));
  Statement exact = DefaultStatement(layer_);
  exact.bfloat16 = false;
  CONVOY_ASSIGN_OR_RETURN(auto wide, Create(exact, shape));
  return std::make_unique<FiniteTile>(std::move(fast), std::move(wide), /*row_frames=*/1,
                                      layer_.input_channels());
}

absl::StatusOr<std::unique_ptr<CompiledTile>> TileFactory::CreateFolded(const Statement& statement,
                                                                        const TileShape& shape) {
  if (shape.sequences > 1) {
    return absl::InvalidArgumentError("a folded statement must not span two sequences");
  }
  if (shape.outputs % statement.fold != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("outputs: expected a multiple of ", statement.fold, ", got ", shape.outputs));
  }
  const TileShape rows{1, shape.outputs / statement.fold};
  CONVOY_ASSIGN_OR_RETURN(auto fast,
                          OnednnTile::Create(StatedFor(statement.fold), statement, rows));
  CONVOY_ASSIGN_OR_RETURN(auto plain, Create(DefaultStatement(layer_), shape));
  const int64_t row_frames = layer_.config().window.strides * statement.fold;
  return std::make_unique<FiniteTile>(std::move(fast), std::move(plain), row_frames,
                                      layer_.input_channels());
}

std::shared_ptr<const ToomWeights> TileFactory::ToomWeightsFor(int points) {
  const std::shared_ptr<StatedProblem> stated = StatedFor(0);
  MutexLock lock(mutex_);
  std::shared_ptr<const ToomWeights> weights = toom_[points].lock();
  if (weights != nullptr || unsuited_.contains(points)) return weights;
  weights = std::make_shared<const ToomWeights>(stated->problem, points);
  if (weights->bounds().Suits()) {
    toom_[points] = weights;
  } else {
    unsuited_.insert(points);
    weights.reset();
  }
  return weights;
}

absl::StatusOr<std::unique_ptr<CompiledTile>> TileFactory::CreateToom(const Statement& statement,
                                                                      const TileShape& shape) {
  if (shape.sequences > 1) {
    return absl::InvalidArgumentError("a group of outputs must not span two sequences");
  }
  const std::shared_ptr<StatedProblem> stated = StatedFor(0);
  const ProblemSize& size = stated->problem.size();
  if (!ToomWeights::Fits(size, statement.points) || !HasAvx2()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Toom-Cook with ", statement.points, " points does not suit the layer"));
  }
  const std::shared_ptr<const ToomWeights> weights = ToomWeightsFor(statement.points);
  if (weights == nullptr) {
    return absl::InvalidArgumentError("the weights are too unequal for Toom-Cook");
  }
  const int64_t block = ToomTile::BlockOutputs(size, weights->cook(), shape.outputs);
  CONVOY_ASSIGN_OR_RETURN(auto direct, Create(DefaultStatement(layer_), {1, block}));
  return std::make_unique<ToomTile>(shape.outputs,
                                    ToomTile::Parts{stated, weights, std::move(direct)}, counts_);
}

size_t TileFactory::bytes() const {
  MutexLock lock(mutex_);
  size_t total = 0;
  for (const auto& [fold, stated] : stated_) {
    const std::shared_ptr<StatedProblem> held = stated.lock();
    if (held == nullptr) continue;
    total += held->weights.bytes();
    if (fold > 0) total += held->problem.kernel().size() * sizeof(float);
  }
  for (const auto& [points, weights] : toom_) {
    const std::shared_ptr<const ToomWeights> held = weights.lock();
    if (held != nullptr) total += held->bytes();
  }
  return total;
}

}  // namespace convoy::engine
