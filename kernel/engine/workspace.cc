#include "kernel/engine/workspace.h"

#include "kernel/engine/onednn.h"

namespace convoy::engine {

Workspace::Workspace(batch::BufferPool& pool)
    : pool_(pool), stream_(std::make_unique<Stream>(Stream{dnnl::stream(CpuEngine())})) {}

Workspace::~Workspace() = default;

std::byte* Workspace::Scratchpad(size_t bytes) {
  if (!scratchpad_ || scratchpad_->capacity() < bytes) {
    scratchpad_.Reset();
    scratchpad_ = own_.Get(bytes);
  }
  return scratchpad_->data();
}

}  // namespace convoy::engine
