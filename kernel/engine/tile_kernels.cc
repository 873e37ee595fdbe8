#include "kernel/engine/tile_kernels.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace convoy::engine {
TileKernels::TileKernels(const layer::Conv1D& layer, std::vector<int64_t> lengths,
                         std::vector<Statement> statements)
    : lengths_(std::move(lengths)),
      statements_(std::move(statements)),
      factory_(layer),
      ready_(lengths_.size()) {}

absl::StatusOr<const TileKernel*> TileKernels::Get(int index) {
  const TileKernel* kernel = ready_[index].load(std::memory_order_acquire);
  if (kernel != nullptr) return kernel;
  MutexLock lock(mutex_);
  kernel = ready_[index].load(std::memory_order_relaxed);
  if (kernel != nullptr) return kernel;
  absl::StatusOr<std::unique_ptr<TileKernel>> created = Create(index);
  if (!created.ok()) return created.status();
  owned_.push_back(*std::move(created));
  kernel = owned_.back().get();
  ready_[index].store(kernel, std::memory_order_release);
  return kernel;
}

absl::StatusOr<std::unique_ptr<TileKernel>> TileKernels::Create(int index) {
  auto kernel = factory_.Create(statements_[index], lengths_[index]);
  if (kernel.ok()) return kernel;
  return factory_.Create(DefaultStatement(factory_.layer()), lengths_[index]);
}

std::string TileKernels::Describe() const {
  std::string text;
  for (size_t i = 0; i < lengths_.size();) {
    size_t end = i;
    while (end < lengths_.size() && statements_[end] == statements_[i]) ++end;
    absl::StrAppend(&text, text.empty() ? "" : "; ", lengths_[i], "..", lengths_[end - 1], ": ",
                    ToString(statements_[i]));
    i = end;
  }
  const TileKernel* longest = ready_.back().load(std::memory_order_acquire);
  if (longest != nullptr) absl::StrAppend(&text, " (", longest->Describe(), ")");
  return text;
}

size_t TileKernels::bytes() const {
  MutexLock lock(mutex_);
  size_t total = factory_.bytes();
  for (const auto& kernel : owned_) total += kernel->bytes();
  return total;
}

}  // namespace convoy::engine
