// One exact way to compute a tile: a fixed number of consecutive output frames.
#ifndef CONVOY_KERNEL_ENGINE_TILE_KERNEL_H_
#define CONVOY_KERNEL_ENGINE_TILE_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "kernel/engine/workspace.h"

namespace convoy::engine {

// The convolution and the bias of one layer for `outputs` output frames, without
// padding (it lies in the source as zeros) and without the activation.
//
// Immutable and thread-safe: threads share it, each with its own workspace. It
// keeps the layer's packed weights alive, nothing else.
class TileKernel {
 public:
  virtual ~TileKernel() = default;

  // Reads source_frames() frames (of C floats) at `source` and writes outputs()
  // frames (of F floats) at `target`.
  virtual absl::Status Run(const float* source, float* target, Workspace& workspace) const = 0;

  int64_t outputs() const { return outputs_; }

  // At least (outputs - 1) * strides + extent; more where a statement reads whole
  // rows. What lies behind the window does not change the result.
  virtual int64_t source_frames() const = 0;

  // Memory that this kernel alone holds, weights not counted. An estimate.
  virtual size_t bytes() const = 0;

  // For people: the statement and oneDNN's name of the implementation.
  virtual std::string Describe() const = 0;

 protected:
  explicit TileKernel(int64_t outputs) : outputs_(outputs) {}

 private:
  const int64_t outputs_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_KERNEL_H_
