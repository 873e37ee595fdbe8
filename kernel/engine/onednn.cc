#include "kernel/engine/onednn.h"

namespace convoy::engine {

const dnnl::engine& CpuEngine() {
  // Never destroyed: worker threads may outlive static destruction's order.
  static const auto* engine = [] {
    // A description that oneDNN finds in its cache of primitives starts the walk
    // over the further implementations anew: next_impl() then gives the first
    // one again, without end. Every layer keeps its own kernels, so nothing is
    // lost without the cache.
    dnnl::set_primitive_cache_capacity(0);
    return new dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return *engine;
}

bool HasBfloat16() {
  // Instruction sets are sets of bits: later ones contain earlier ones.
  constexpr auto kNeeded = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  static const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (isa & kNeeded) == kNeeded;
}

}  // namespace convoy::engine
