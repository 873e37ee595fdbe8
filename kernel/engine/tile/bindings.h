// The arguments of a primitive's execution, kept for the next one.
#ifndef CONVOY_KERNEL_ENGINE_TILE_BINDINGS_H_
#define CONVOY_KERNEL_ENGINE_TILE_BINDINGS_H_

#include <array>
#include <atomic>
#include <memory>

#include "kernel/engine/tile/onednn.h"

namespace convoy::engine {

// The formats of what a primitive works on. The fixed ones are empty where there
// is none.
struct ArgumentFormats {
  dnnl::memory::desc source;
  dnnl::memory::desc target;
  dnnl::memory::desc scratchpad;  // of size 0: the primitive needs none
};

// oneDNN's memory objects of one execution: a format and a place each. To make
// three of them costs 0.6 to 0.9 us, as much as a small convolution; to move
// them elsewhere nothing to speak of. Throws dnnl::error.
//
// Not thread-safe: one execution at a time.
class Bindings {
 public:
  // `weights` and `bias` (empty: none) are the same in every execution; their
  // objects must outlive this one.
  Bindings(const ArgumentFormats& formats, const dnnl::memory& weights, const dnnl::memory& bias);
  Bindings(const Bindings&) = delete;
  Bindings& operator=(const Bindings&) = delete;

  void Execute(const dnnl::primitive& primitive, const dnnl::stream& stream, const void* source,
               void* target, void* scratchpad);

 private:
  static constexpr int kMostArguments = 5;

  struct Destroy {
    void operator()(dnnl_memory* memory) const { dnnl_memory_destroy(memory); }
  };
  using Memory = std::unique_ptr<dnnl_memory, Destroy>;

  Memory Add(int argument, const dnnl::memory::desc& format);

  int count_ = 0;
  std::array<dnnl_exec_arg_t, kMostArguments> arguments_ = {};
  const Memory source_;
  const Memory target_;
  const Memory scratchpad_;  // null: the primitive needs none
};

// A few bindings of one primitive, for the threads that run it. Lock-free.
class SpareBindings {
 public:
  SpareBindings() = default;
  ~SpareBindings();
  SpareBindings(const SpareBindings&) = delete;
  SpareBindings& operator=(const SpareBindings&) = delete;

  // One that is kept here, or null.
  std::unique_ptr<Bindings> Take();
  // Keeps `bindings`, or ends them where enough are kept.
  void Give(std::unique_ptr<Bindings> bindings);

 private:
  // More threads than this seldom run one tile shape of one layer at a time.
  static constexpr int kMost = 4;

  std::array<std::atomic<Bindings*>, kMost> spares_ = {};
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_BINDINGS_H_
