#include "kernel/engine/packed_weights.h"

namespace convoy::engine {

const dnnl::memory& PackedWeights::InFormat(const dnnl::memory::desc& plain,
                                            const dnnl::memory::desc& wanted) {
  MutexLock lock(mutex_);
  for (const auto& memory : formats_) {
    if (memory->get_desc() == wanted) return *memory;
  }
  auto packed = std::make_unique<dnnl::memory>(wanted, CpuEngine());
  // oneDNN does not write through a source argument.
  dnnl::memory source(plain, CpuEngine(), const_cast<float*>(problem_.kernel().data()));
  dnnl::stream stream(CpuEngine());
  dnnl::reorder(source, *packed).execute(stream, source, *packed);
  stream.wait();
  formats_.push_back(std::move(packed));
  return *formats_.back();
}

size_t PackedWeights::bytes() const {
  MutexLock lock(mutex_);
  size_t total = 0;
  for (const auto& memory : formats_) total += memory->get_desc().get_size();
  return total;
}

}  // namespace convoy::engine
