#include "kernel/engine/tile/tile_scratch.h"

#include "kernel/engine/tile/onednn.h"

namespace convoy::engine {

TileScratch::TileScratch() : stream_(std::make_unique<const dnnl::stream>(CpuEngine())) {}

TileScratch::~TileScratch() = default;

std::byte* TileScratch::Scratchpad(size_t bytes) {
  if (!scratchpad_ || scratchpad_->capacity() < bytes) {
    scratchpad_.Reset();
    scratchpad_ = memory_.Get(bytes);
  }
  return scratchpad_->data();
}

}  // namespace convoy::engine
