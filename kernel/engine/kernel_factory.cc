#include "kernel/engine/kernel_factory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/convolution_kernel.h"
#include "kernel/engine/finite_kernel.h"

namespace convoy::engine {

KernelFactory::Stated& KernelFactory::StatedFor(int fold) {
  MutexLock lock(mutex_);
  std::unique_ptr<Stated>& stated = stated_[fold];
  if (stated == nullptr) {
    stated = std::make_unique<Stated>(fold == 0 ? Problem(layer_) : Problem::Folded(layer_, fold));
  }
  return *stated;
}

absl::StatusOr<std::unique_ptr<TileKernel>> KernelFactory::Create(const Statement& statement,
                                                                  int64_t outputs) {
  if (statement.fold > 0) return CreateFolded(statement, outputs);
  Stated& plain = StatedFor(0);
  if (statement.bfloat16) return CreateBfloat16(plain, statement, outputs);
  return ConvolutionKernel::Create(plain.problem, plain.weights, statement, outputs);
}

absl::StatusOr<std::unique_ptr<TileKernel>> KernelFactory::CreateBfloat16(
    Stated& plain, const Statement& statement, int64_t outputs) {
  CONVOY_ASSIGN_OR_RETURN(
      auto fast, ConvolutionKernel::Create(plain.problem, plain.weights, statement, outputs));
  Statement exact = DefaultStatement(layer_);
  exact.bfloat16 = false;
  CONVOY_ASSIGN_OR_RETURN(auto wide, Create(exact, outputs));
  return std::make_unique<FiniteKernel>(std::move(fast), std::move(wide), /*row_frames=*/1,
                                        layer_.input_channels());
}

absl::StatusOr<std::unique_ptr<TileKernel>> KernelFactory::CreateFolded(const Statement& statement,
                                                                        int64_t outputs) {
  if (outputs % statement.fold != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("outputs: expected a multiple of ", statement.fold, ", got ", outputs));
  }
  Stated& folded = StatedFor(statement.fold);
  CONVOY_ASSIGN_OR_RETURN(auto rows,
                          ConvolutionKernel::Create(folded.problem, folded.weights, statement,
                                                    outputs / statement.fold));
  CONVOY_ASSIGN_OR_RETURN(auto plain, Create(DefaultStatement(layer_), outputs));
  const int64_t row_frames = layer_.config().window.strides * statement.fold;
  return std::make_unique<FiniteKernel>(std::move(rows), std::move(plain), row_frames,
                                        layer_.input_channels());
}

size_t KernelFactory::bytes() const {
  MutexLock lock(mutex_);
  size_t total = 0;
  for (const auto& [fold, stated] : stated_) {
    total += stated->weights.bytes();
    if (fold > 0) total += stated->problem.kernel().size() * sizeof(float);
  }
  return total;
}

}  // namespace convoy::engine
