#include "kernel/engine/tuner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "absl/status/status.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/kernel_factory.h"
#include "kernel/engine/problem.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kClearlyFaster = 0.97;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Values between -1 and 1 that repeat nowhere near a tile's length.
float Pseudorandom(uint32_t& state) {
  state = state * 1664525u + 1013904223u;
  return static_cast<float>(static_cast<int32_t>(state)) * 0x1p-31f;
}

// One probed length: the data, and the reference result at some of its outputs.
class Probe {
 public:
  Probe(const layer::Conv1D& layer, int64_t outputs, Workspace& workspace)
      : layer_(layer), bias_(Problem(layer).bias()), outputs_(outputs), workspace_(workspace) {}

  // Seconds of the kernel's fastest execution, or infinity if its answer is wrong.
  double Time(const TileKernel& kernel) {
    Prepare(kernel.source_frames());
    if (!kernel.Run(source_.data(), target_.data(), workspace_).ok() || !IsRight()) {
      return std::numeric_limits<double>::infinity();
    }
    double best = std::numeric_limits<double>::infinity();
    double total = 0;
    for (int run = 0; run < kMostRuns && (run < kLeastRuns || total < kEnoughSeconds); ++run) {
      const Clock::time_point start = Clock::now();
      if (!kernel.Run(source_.data(), target_.data(), workspace_).ok()) break;
      const double seconds = SecondsSince(start);
      best = std::min(best, seconds);
      total += seconds;
    }
    return best;
  }

 private:
  static constexpr int kLeastRuns = 3;
  static constexpr int kMostRuns = 50;
  static constexpr double kEnoughSeconds = 2e-3;

  void Prepare(int64_t source_frames) {
    const size_t needed = static_cast<size_t>(source_frames * layer_.input_channels());
    while (source_.size() < needed) source_.push_back(Pseudorandom(state_));
    // A statement may rely on the source being numbers of that type.
    layer::RoundTo(layer_.compute_dtype(), absl::MakeSpan(source_));
    target_.assign(static_cast<size_t>(outputs_ * layer_.config().filters), 0.0f);
  }

  // Some filters of the first, a middle and the last output frame against sums
  // in double.
  bool IsRight() const {
    const int64_t step = layer_.config().filters / 16 + 1;
    for (const int64_t o : {int64_t{0}, outputs_ / 2, outputs_ - 1}) {
      for (int64_t f = 0; f < layer_.config().filters; f += step) {
        if (!OutputIsRight(o, f)) return false;
      }
    }
    return true;
  }

  bool OutputIsRight(int64_t o, int64_t f) const {
    const layer::Window& window = layer_.config().window;
    const int64_t filters = layer_.config().filters;
    const int64_t inputs = layer_.input_channels() / layer_.config().groups;
    const int64_t group = f / (filters / layer_.config().groups);
    double sum = bias_.empty() ? 0.0 : bias_[f];
    double magnitude = std::abs(sum);
    for (int64_t k = 0; k < window.kernel_size; ++k) {
      const int64_t t = o * window.strides + k * window.dilation_rate;
      const float* x = source_.data() + t * layer_.input_channels() + group * inputs;
      const float* w = layer_.kernel().data() + k * inputs * filters + f;
      for (int64_t c = 0; c < inputs; ++c) {
        const double product = double{x[c]} * double{w[c * filters]};
        sum += product;
        magnitude += std::abs(product);
      }
    }
    const double difference = std::abs(sum - double{target_[o * filters + f]});
    // Not finite where the layer's weights are not: nothing to compare then.
    return !std::isfinite(magnitude) || difference <= 1e-5 * magnitude + 1e-30;
  }

  const layer::Conv1D& layer_;
  const absl::Span<const float> bias_;
  const int64_t outputs_;
  Workspace& workspace_;
  uint32_t state_ = 1;
  std::vector<float> source_;
  std::vector<float> target_;
};

// The lengths to time: a short one, one where rows of several outputs fit, and
// the longest.
std::vector<int64_t> ProbedLengths(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> probed;
  for (const int64_t length : {int64_t{1}, int64_t{8}, int64_t{32}}) {
    if (length < lengths.back()) probed.push_back(length);
  }
  probed.push_back(lengths.back());
  return probed;
}

absl::StatusOr<TunedLength> TuneLength(KernelFactory& factory, int64_t outputs,
                                       Clock::time_point start, const TuningOptions& options,
                                       Workspace& workspace) {
  Probe probe(factory.layer(), outputs, workspace);
  TunedLength best{outputs, DefaultStatement(factory.layer()),
                   std::numeric_limits<double>::infinity()};
  for (const Statement& statement : CandidateStatements(factory.layer())) {
    const bool is_default = statement == DefaultStatement(factory.layer());
    if (!is_default && SecondsSince(start) > options.budget_seconds) break;
    absl::StatusOr<std::unique_ptr<TileKernel>> kernel = factory.Create(statement, outputs);
    if (!kernel.ok()) {
      if (is_default) return kernel.status();
      continue;
    }
    const double seconds = probe.Time(**kernel);
    // Earlier candidates are the more usual ones: what is within the noise of a
    // timing is no reason to leave them.
    if (seconds < kClearlyFaster * best.seconds) best = {outputs, statement, seconds};
  }
  if (std::isinf(best.seconds)) {
    return absl::InternalError("no statement of the convolution gives the reference's numbers");
  }
  return best;
}

}  // namespace

absl::StatusOr<std::vector<TunedLength>> Tune(const layer::Conv1D& layer,
                                              const std::vector<int64_t>& lengths,
                                              const TuningOptions& options, Workspace& workspace) {
  // Its weights go with it; the layer's own factory packs only what is chosen.
  KernelFactory factory(layer);
  const Clock::time_point start = Clock::now();
  std::vector<TunedLength> tuned;
  // The longest first: that is where most time is spent.
  const std::vector<int64_t> probed = ProbedLengths(lengths);
  for (auto outputs = probed.rbegin(); outputs != probed.rend(); ++outputs) {
    CONVOY_ASSIGN_OR_RETURN(TunedLength length,
                            TuneLength(factory, *outputs, start, options, workspace));
    tuned.insert(tuned.begin(), length);
  }
  return tuned;
}

}  // namespace convoy::engine
