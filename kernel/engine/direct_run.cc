#include "kernel/engine/direct_run.h"

#include <algorithm>
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

// All sequences' results to `to`, (sequences * O, F).
template <typename Real>
void Convolve(const DirectConvolution& convolution, const layer::InputShape& shape,
              const Real* from, Real* to, Workspace& workspace) {
  constexpr double kPieceWork = 1e6;  // multiply-accumulates
  const layer::Conv1D& layer = convolution.layer();
  const int64_t outputs = shape.frames.output;
  const double work = convolution.SequenceWork(shape) / static_cast<double>(outputs);
  const int64_t piece = static_cast<int64_t>(
      std::clamp(kPieceWork / std::max(work, 1.0), 1.0, static_cast<double>(int64_t{1} << 40)));
  int64_t computed = 0;  // frames since others were let pass
  for (int64_t n = 0; n < shape.sequences; ++n, from += shape.length * layer.input_channels()) {
    for (int64_t first = 0; first < outputs;) {
      if (computed >= piece) {
        workspace.BetweenTiles();
        computed = 0;
      }
      const OutputRange range{first, std::min(piece - computed, outputs - first)};
      convolution.Compute(shape, range, from, to);
      to += range.count * layer.config().filters;
      first += range.count;
      computed += range.count;
    }
  }
}

template <typename Real>
batch::Output Run(const DirectConvolution& convolution, const batch::Input& input,
                  Workspace& workspace) {
  const layer::Conv1D& layer = convolution.layer();
  const layer::InputShape& shape = input.shape;
  const int64_t results = shape.sequences * shape.frames.output * layer.config().filters;
  if (results == 0) return {};
  batch::BufferPool& pool = workspace.pool();
  const batch::BufferRef target = pool.Get(static_cast<size_t>(results) * sizeof(Real));
  Real* const to = reinterpret_cast<Real*>(target->data());
  {
    const batch::BufferRef source = CopyFrames<Real>(layer, input, pool);
    Convolve(convolution, shape, reinterpret_cast<const Real*>(source->data()), to, workspace);
  }
  std::vector<int64_t> targets;
  for (int64_t n = 0; n < shape.sequences; ++n) targets.push_back(n * shape.frames.output);
  if (batch::NeedsFinish(layer)) return batch::Finish<Real>(layer, shape, targets, to, pool);
  layer::ApplyElementwise(layer.config().activation,
                          absl::MakeSpan(to, static_cast<size_t>(results)));
  const batch::Placement placement{shape.sequences, shape.frames, 0, shape.frames.output};
  return batch::LocateOutput(layer, placement, targets, target, pool);
}

template <typename Real>
int64_t Bytes(const layer::Conv1D& layer, const layer::InputShape& shape) {
  constexpr int64_t kReal = sizeof(Real);
  constexpr int64_t kTarget = 2 * sizeof(int64_t);  // the list of them grows
  const int64_t source = shape.sequences * shape.length * layer.input_channels();
  const int64_t results = shape.sequences * shape.frames.output * layer.config().filters;
  if (results == 0) return 0;
  const int64_t convolving = batch::BufferPool::CapacityOf(source * kReal) +
                             batch::FrameReader<Real>::PoolBytes(layer, shape.length);
  const int64_t collecting = batch::NeedsFinish(layer) ? batch::FinishBytes(layer, shape)
                                                       : batch::LocateOutputBytes(layer, shape);
  return batch::BufferPool::CapacityOf(results * kReal) +
         std::max(convolving, collecting + shape.sequences * kTarget);
}

}  // namespace

batch::Output RunDirect(const DirectConvolution& convolution, const batch::Input& input,
                        Workspace& workspace) {
  return convolution.layer().uses_double() ? Run<double>(convolution, input, workspace)
                                           : Run<float>(convolution, input, workspace);
}

int64_t DirectRunBytes(const layer::Conv1D& layer, const layer::InputShape& shape) {
  return layer.uses_double() ? Bytes<double>(layer, shape) : Bytes<float>(layer, shape);
}

}  // namespace convoy::engine
