#include "kernel/engine/tile/onednn.h"

#include <omp.h>

namespace convoy::engine {

const dnnl::engine& CpuEngine() {
  // Never destroyed: worker threads may outlive static destruction's order.
  static const auto* engine = [] {
    // A description that oneDNN finds in its cache of primitives starts the walk
    // over the further implementations anew: next_impl() then gives the first
    // one again, without end. Every layer keeps its own tiles, so nothing is
    // lost without the cache.
    dnnl::set_primitive_cache_capacity(0);
    return new dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return *engine;
}

void StayOnThisThread() { omp_set_num_threads(1); }

}  // namespace convoy::engine
