#include "kernel/engine/tile/packed_weights.h"

namespace convoy::engine {

std::shared_ptr<const dnnl::memory> PackedWeights::InFormat(const dnnl::memory::desc& plain,
                                                            const dnnl::memory::desc& wanted) {
  MutexLock lock(mutex_);
  std::erase_if(formats_, [](const auto& format) { return format.expired(); });
  for (const auto& format : formats_) {
    std::shared_ptr<const dnnl::memory> held = format.lock();
    if (held != nullptr && held->get_desc() == wanted) return held;
  }
  auto packed = std::make_shared<dnnl::memory>(wanted, CpuEngine());
  // oneDNN does not write through a source argument.
  dnnl::memory source(plain, CpuEngine(), const_cast<float*>(problem_.kernel().data()));
  dnnl::stream stream(CpuEngine());
  dnnl::reorder(source, *packed).execute(stream, source, *packed);
  stream.wait();
  formats_.push_back(packed);
  return packed;
}

size_t PackedWeights::bytes() const {
  MutexLock lock(mutex_);
  size_t total = 0;
  for (const auto& format : formats_) {
    const std::shared_ptr<const dnnl::memory> held = format.lock();
    if (held != nullptr) total += held->get_desc().get_size();
  }
  return total;
}

}  // namespace convoy::engine
