#include "kernel/engine/direct_run.h"

#include <cstdint>
#include <vector>

#include "kernel/batch/finish.h"
#include "kernel/batch/frame_reader.h"
#include "kernel/batch/locate_output.h"
#include "kernel/engine/direct_convolution.h"
#include "kernel/layer/elementwise_activation.h"

namespace convoy::engine {
namespace {

// The payload alone, without padding and gaps: (sequences * length, C).
template <typename Real>
batch::BufferRef CopyFrames(const layer::Conv1D& layer, const batch::Input& input,
                            batch::BufferPool& pool) {
  const int64_t floats = input.shape.length * layer.input_channels();  // of a sequence
  batch::BufferRef frames =
      pool.Get(static_cast<size_t>(input.shape.sequences * floats) * sizeof(Real));
  if (floats == 0) return frames;
  Real* to = reinterpret_cast<Real*>(frames->data());
  batch::FrameReader<Real> reader(layer, input, pool);
  for (int64_t n = 0; n < input.shape.sequences; ++n, to += floats) {
    reader.Read(to, input.shape.length);
    reader.EndSequence();
  }
  return frames;
}

template <typename Real>
batch::Output Run(const layer::Conv1D& layer, const batch::Input& input, Workspace& workspace) {
  const layer::InputShape& shape = input.shape;
  const int64_t filters = layer.config().filters;
  const int64_t results = shape.sequences * shape.frames.output * filters;
  if (results == 0) return {};
  batch::BufferPool& pool = workspace.pool();
  const batch::BufferRef target = pool.Get(static_cast<size_t>(results) * sizeof(Real));
  Real* const to = reinterpret_cast<Real*>(target->data());
  std::vector<int64_t> targets;
  {
    const batch::BufferRef source = CopyFrames<Real>(layer, input, pool);
    const Real* const from = reinterpret_cast<const Real*>(source->data());
    for (int64_t n = 0; n < shape.sequences; ++n) {
      DirectConvolution<Real>(layer, shape, from + n * shape.length * layer.input_channels(),
                              to + n * shape.frames.output * filters);
      targets.push_back(n * shape.frames.output);
    }
  }
  if (batch::NeedsFinish(layer)) return batch::Finish<Real>(layer, shape, targets, to, pool);
  layer::ApplyElementwise(layer.config().activation,
                          absl::MakeSpan(to, static_cast<size_t>(results)));
  const batch::Placement placement{shape.sequences, shape.frames, 0, shape.frames.output};
  return batch::LocateOutput(layer, placement, targets, target, pool);
}

}  // namespace

batch::Output RunDirect(const layer::Conv1D& layer, const batch::Input& input,
                        Workspace& workspace) {
  return layer.uses_double() ? Run<double>(layer, input, workspace)
                             : Run<float>(layer, input, workspace);
}

}  // namespace convoy::engine
