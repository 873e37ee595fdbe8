#include "kernel/engine/tile/bindings.h"

namespace convoy::engine {
namespace {

void Move(dnnl_memory_t memory, const void* to) {
  dnnl::error::wrap_c_api(dnnl_memory_set_data_handle(memory, const_cast<void*>(to)),
                          "cannot move a memory object");
}

}  // namespace

Bindings::Bindings(const ArgumentFormats& formats, const dnnl::memory& weights,
                   const dnnl::memory& bias)
    : source_(Add(DNNL_ARG_SRC, formats.source)),
      target_(Add(DNNL_ARG_DST, formats.target)),
      scratchpad_(formats.scratchpad.get_size() == 0
                      ? nullptr
                      : Add(DNNL_ARG_SCRATCHPAD, formats.scratchpad)) {
  arguments_[count_++] = {DNNL_ARG_WEIGHTS, weights.get()};
  if (bias) arguments_[count_++] = {DNNL_ARG_BIAS, bias.get()};
}

Bindings::Memory Bindings::Add(int argument, const dnnl::memory::desc& format) {
  dnnl_memory_t memory = nullptr;
  dnnl::error::wrap_c_api(
      dnnl_memory_create(&memory, format.get(), CpuEngine().get(), DNNL_MEMORY_NONE),
      "cannot create a memory object");
  arguments_[count_++] = {argument, memory};
  return Memory(memory);
}

void Bindings::Execute(const dnnl::primitive& primitive, const dnnl::stream& stream,
                       const void* source, void* target, void* scratchpad) {
  Move(source_.get(), source);
  Move(target_.get(), target);
  if (scratchpad_ != nullptr) Move(scratchpad_.get(), scratchpad);
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive.get(), stream.get(), count_, arguments_.data()),
      "cannot execute a primitive");
}

SpareBindings::~SpareBindings() {
  while (Take() != nullptr) {
  }
}

std::unique_ptr<Bindings> SpareBindings::Take() {
  for (std::atomic<Bindings*>& spare : spares_) {
    if (spare.load(std::memory_order_relaxed) == nullptr) continue;
    Bindings* const taken = spare.exchange(nullptr, std::memory_order_acquire);
    if (taken != nullptr) return std::unique_ptr<Bindings>(taken);
  }
  return nullptr;
}

void SpareBindings::Give(std::unique_ptr<Bindings> bindings) {
  for (std::atomic<Bindings*>& spare : spares_) {
    Bindings* expected = nullptr;
    if (spare.compare_exchange_strong(expected, bindings.get(), std::memory_order_release,
                                      std::memory_order_relaxed)) {
      bindings.release();
      return;
    }
  }
}

}  // namespace convoy::engine
