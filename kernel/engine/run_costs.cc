#include "kernel/engine/run_costs.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "kernel/batch/finish.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/run_path.h"
#include "kernel/layer/activation.h"
#include "kernel/layer/elementwise_activation.h"

namespace convoy::engine {
namespace {

// The fastest of a few runs of `work`, of one where that takes long.
template <typename Work>
double Seconds(Work work) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRuns = 4;
  constexpr double kLong = 2e-3;
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns && !(run > 0 && best > kLong); ++run) {
    const Clock::time_point start = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

// Some made-up numbers between -1 and 1.
template <typename Real>
std::vector<Real> Numbers(int64_t count) {
  std::vector<Real> numbers(static_cast<size_t>(count));
  uint32_t state = 1;
  for (Real& number : numbers) {
    state = state * 1664525u + 1013904223u;
    number = static_cast<Real>(static_cast<int32_t>(state)) * static_cast<Real>(0x1p-31);
  }
  return numbers;
}

// One output frame that sees as many taps as a fraction of a millisecond takes, as
// far as their frames do not lie too far apart.
template <typename Real>
double SecondsPerWork(const DirectConvolution& convolution) {
  constexpr double kWork = 1 << 18;
  constexpr int64_t kMostFloats = int64_t{1} << 20;
  const layer::Conv1D& layer = convolution.layer();
  const layer::Window& window = layer.config().window;
  int64_t taps = std::clamp<int64_t>(static_cast<int64_t>(kWork / convolution.TapWork()), 1,
                                     window.kernel_size);
  const int64_t most_frames = kMostFloats / layer.input_channels();
  if (window.dilation_rate > most_frames / taps) taps = 1;
  const layer::InputShape shape{1, (taps - 1) * window.dilation_rate + 1, {1, 0, 0}};
  const std::vector<Real> input = Numbers<Real>(shape.length * layer.input_channels());
  std::vector<Real> output(static_cast<size_t>(layer.config().filters));
  const double seconds = Seconds([&] {
    convolution.Compute(shape, {0, 1}, input.data(), output.data());
  });
  return seconds / convolution.SequenceWork(shape);
}

// A request of about as many output frames as are worth timing, if the layer takes
// one.
std::optional<layer::InputShape> FinishedShape(const layer::Conv1D& layer) {
  constexpr int64_t kMostValues = int64_t{1} << 16;
  const layer::Window& window = layer.config().window;
  const bool first = layer.config().data_format == layer::DataFormat::kChannelsFirst;
  constexpr int64_t kFar = int64_t{1} << 40;
  const int64_t extent = std::min(window.extent(), kFar);
  const int64_t strides = std::min(window.strides, kFar);
  const int64_t frames = layer.activation().fixed_frames().value_or(16);
  for (const int64_t length :
       {extent + (frames - 1) * strides, frames * strides, extent, int64_t{1}}) {
    const int64_t channels = layer.input_channels();
    const auto shape = layer.CheckInput({1, first ? channels : length, first ? length : channels});
    if (!shape.ok() || shape->frames.output == 0) continue;
    if (shape->frames.output <= kMostValues / layer.config().filters) return *shape;
  }
  return std::nullopt;
}

template <typename Real>
double SecondsPerFrame(const layer::Conv1D& layer) {
  const double rough = RunCosts().answer_frame;
  const auto shape = FinishedShape(layer);
  if (!shape.has_value()) return rough;
  const int64_t frames = shape->frames.output;
  std::vector<Real> results = Numbers<Real>(frames * layer.config().filters);
  if (!batch::NeedsFinish(layer)) {
    if (layer.activation().reach() == layer::ActivationReach::kNone) return rough;
    const auto values = absl::MakeSpan(results);
    const double seconds =
        Seconds([&] { layer::ApplyElementwise(layer.config().activation, values); });
    return rough + seconds / static_cast<double>(frames);
  }
  batch::BufferPool pool(std::numeric_limits<size_t>::max());
  const double seconds =
      Seconds([&] { (void)batch::Finish<Real>(layer, *shape, {0}, results.data(), pool); });
  return rough + seconds / static_cast<double>(frames);
}

template <typename Real>
RunCosts Measure(const DirectConvolution& convolution) {
  RunCosts costs;
  if (MayRunDirect(convolution.layer())) costs.direct_work = SecondsPerWork<Real>(convolution);
  costs.answer_frame = SecondsPerFrame<Real>(convolution.layer());
  return costs;
}

}  // namespace

RunCosts MeasureRunCosts(const DirectConvolution& convolution) {
  return convolution.layer().uses_double() ? Measure<double>(convolution)
                                           : Measure<float>(convolution);
}

}  // namespace convoy::engine
