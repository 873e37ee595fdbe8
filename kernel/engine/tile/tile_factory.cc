#include "kernel/engine/tile/tile_factory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tile/finite_tile.h"
#include "kernel/engine/tile/onednn_tile.h"
#include "kernel/engine/tile/problem.h"

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

size_t TileFactory::bytes() const {
  MutexLock lock(mutex_);
  size_t total = 0;
  for (const auto& [fold, stated] : stated_) {
    const std::shared_ptr<StatedProblem> held = stated.lock();
    if (held == nullptr) continue;
    total += held->weights.bytes();
    if (fold > 0) total += held->problem.kernel().size() * sizeof(float);
  }
  return total;
}

}  // namespace convoy::engine
