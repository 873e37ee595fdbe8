#include "kernel/engine/tuning/probe.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <new>

#include "kernel/batch/packing.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLeastRuns = 3;
constexpr int kMostRuns = 50;
constexpr double kEnoughSeconds = 4e-3;  // for each tile
// Tiles write through so much memory, as a server's answers do: more than the
// second-level cache holds where answers are large. Much more would cost a worker,
// who times exact shapes between batches, more than it brings.
constexpr size_t kLineFloats = 16;  // of the cache: what a server's answer begins with
constexpr size_t kMostTargetFloats = size_t{2} << 20;

// Values between -1 and 1 that repeat nowhere near a tile's length.
float Pseudorandom(uint32_t& state) {
  state = state * 1664525u + 1013904223u;
  return static_cast<float>(static_cast<int32_t>(state)) * 0x1p-31f;
}

}  // namespace

Probe::Probe(const layer::Conv1D& layer, const TileShape& shape, TileScratch& scratch,
             size_t most_targets)
    : layer_(layer),
      bias_(Problem(layer).bias()),
      shape_(shape),
      pitch_(batch::OutputPitch(layer.config().window, shape.outputs)),
      target_size_(static_cast<size_t>(shape.frames() * layer.config().filters)),
      target_pitch_((target_size_ + kLineFloats - 1) / kLineFloats * kLineFloats),
      scratch_(scratch) {
  const size_t targets = std::clamp<size_t>(kMostTargetFloats / target_pitch_, 1, most_targets);
  const size_t floats = targets * target_pitch_;
  target_block_ = memory_.Get(floats * sizeof(float));
  targets_ = absl::MakeSpan(reinterpret_cast<float*>(target_block_->data()), floats);
  std::fill(targets_.begin(), targets_.end(), 0.0f);  // or the first timings meet page faults
}

std::vector<double> Probe::Time(const std::vector<const CompiledTile*>& tiles) {
  std::vector<double> best(tiles.size(), std::numeric_limits<double>::infinity());
  std::vector<size_t> passed;
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (Passes(*tiles[i])) passed.push_back(i);
  }
  double total = 0;
  const double enough = kEnoughSeconds * static_cast<double>(passed.size());
  for (int run = 0; run < kMostRuns && (run < kLeastRuns || total < enough); ++run) {
    for (const size_t i : passed) {
      const double seconds = Run(*tiles[i]);
      best[i] = std::min(best[i], seconds);
      total += seconds;
    }
  }
  return best;
}

bool Probe::Passes(const CompiledTile& tile) {
  Prepare(tile.source_frames());
  const absl::Status status = tile.Run(source_.data(), targets_.data(), scratch_);
  if (absl::IsResourceExhausted(status)) throw std::bad_alloc();
  return status.ok() && IsRight();
}

double Probe::Run(const CompiledTile& tile) {
  // Not the one that was written last.
  next_target_ += target_pitch_;
  if (next_target_ == targets_.size()) next_target_ = 0;
  float* const target = targets_.data() + next_target_;
  const Clock::time_point start = Clock::now();
  (void)tile.Run(source_.data(), target, scratch_);  // it did before
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Probe::Prepare(int64_t source_frames) {
  const size_t needed = static_cast<size_t>(source_frames * layer_.input_channels());
  if (source_.size() < needed) {
    source_block_ = memory_.Get(needed * sizeof(float));
    source_ = absl::MakeSpan(reinterpret_cast<float*>(source_block_->data()), needed);
    uint32_t state = 1;
    for (float& value : source_) value = Pseudorandom(state);
    // A statement may rely on the source being numbers of that type.
    layer::RoundTo(layer_.compute_dtype(), source_);
  }
  std::fill_n(targets_.begin(), target_size_, 0.0f);
}

// Some filters of the first, a middle and the last output frame of the first and
// the last sequence.
bool Probe::IsRight() const {
  const int64_t step = layer_.config().filters / 16 + 1;
  for (const int64_t n : {int64_t{0}, shape_.sequences - 1}) {
    for (const int64_t o : {int64_t{0}, shape_.outputs / 2, shape_.outputs - 1}) {
      for (int64_t f = 0; f < layer_.config().filters; f += step) {
        if (!OutputIsRight(n, o, f)) return false;
      }
    }
  }
  return true;
}

bool Probe::OutputIsRight(int64_t sequence, int64_t output, int64_t filter) const {
  const layer::Window& window = layer_.config().window;
  const int64_t filters = layer_.config().filters;
  const int64_t inputs = layer_.input_channels() / layer_.config().groups;
  const int64_t group = filter / (filters / layer_.config().groups);
  double sum = bias_.empty() ? 0.0 : bias_[filter];
  double magnitude = std::abs(sum);
  for (int64_t k = 0; k < window.kernel_size; ++k) {
    const int64_t t = (sequence * pitch_ + output) * window.strides + k * window.dilation_rate;
    const float* x = source_.data() + t * layer_.input_channels() + group * inputs;
    const float* w = layer_.kernel().data() + k * inputs * filters + filter;
    for (int64_t c = 0; c < inputs; ++c) {
      const double product = double{x[c]} * double{w[c * filters]};
      sum += product;
      magnitude += std::abs(product);
    }
  }
  const float value = targets_[(sequence * shape_.outputs + output) * filters + filter];
  // Not finite where the layer's weights are not: nothing to compare then.
  return !std::isfinite(magnitude) || std::abs(sum - double{value}) <= 1e-5 * magnitude + 1e-30;
}

}  // namespace convoy::engine
