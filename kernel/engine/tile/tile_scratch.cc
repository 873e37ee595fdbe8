#include "kernel/engine/tile/tile_scratch.h"

#include "kernel/engine/tile/onednn.h"

namespace convoy::engine {

TileScratch::TileScratch() = default;

TileScratch::~TileScratch() = default;

const dnnl::stream& TileScratch::stream() {
  if (stream_ == nullptr) stream_ = std::make_unique<const dnnl::stream>(CpuEngine());
  return *stream_;
}

std::byte* TileScratch::Scratchpad(size_t bytes) {
  if (!scratchpad_ || scratchpad_->capacity() < bytes) {
    scratchpad_.Reset();
    scratchpad_ = memory_.Get(bytes);
  }
  return scratchpad_->data();
}

}  // namespace convoy::engine
