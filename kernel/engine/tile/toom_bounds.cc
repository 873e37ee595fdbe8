#include "kernel/engine/tile/toom_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel/engine/tile/least_products.h"

namespace convoy::engine {
namespace {

// The promise in units of u.
constexpr float kPromise = 1e-5f * 0x1p24f;
// Where all products of a sum are equal, so may be all its rounding errors.
constexpr double kRounding = 4;
constexpr double kFlatRounding = 14;
// Of how equal the magnitudes are: 1 where they are all the same, 0.64 where normal.
constexpr double kFlat = 0.9;
// Weights and frames beyond these are left to direct convolutions.
constexpr double kMostWeight = 0x1p40;
constexpr double kLeastMean = 0x1p-40;
constexpr float kMostSquares = 1e36f;
constexpr float kLeastSum = 1e-15f;
constexpr float kLeastPromise = 1e-16f;

// Of normal noise: the mean of the magnitudes, squared, over that of the squares.
constexpr double kNoiseSpread = 0.64;

}  // namespace

ToomBounds::ToomBounds(const ToomCook& cook, const Problem& problem, int64_t filters)
    : points_(cook.points),
      taps_(cook.taps),
      channels_(problem.size().channels),
      least_(kTable),
      window_(kTable, std::numeric_limits<float>::infinity()) {
  for (Taps& taps : least_) {
    std::fill_n(taps.begin(), taps_, std::numeric_limits<float>::infinity());
  }
  std::vector<double> norms(points_, 1e-9);  // more than what is lost where U is tiny
  // A few filters at a time: those of a line of the cache.
  const int64_t size = taps_ * channels_;
  constexpr int64_t kTogether = 16;
  std::vector<double> weights(static_cast<size_t>(size * kTogether));
  for (int64_t first = 0; first < filters; first += kTogether) {
    const int64_t count = std::min(filters - first, kTogether);
    for (int64_t i = 0; i < size; ++i) {
      const float* const row = problem.kernel().data() + i * problem.size().filters + first;
      for (int64_t f = 0; f < count; ++f) weights[f * size + i] = row[f];
    }
    for (int64_t f = 0; f < count; ++f) {
      if (!AddFilter(cook, absl::MakeSpan(weights).subspan(f * size, size), norms)) return;
    }
  }
  AddCosts(cook, norms);
  suits_ = NoisePasses(cook);
}

bool ToomBounds::AddFilter(const ToomCook& cook, absl::Span<double> weights,
                           std::vector<double>& norms) {
  double sum = 0;
  double most = 0;
  for (const double weight : weights) {
    sum += std::abs(weight);
    most = std::max(most, std::abs(weight));
  }
  if (sum == 0) return true;  // its outputs are zero exactly
  const double mean = sum / static_cast<double>(weights.size());
  if (!(mean >= kLeastMean && most <= kMostWeight)) return false;
  std::vector<double> point_norms(points_);
  for (int i = 0; i < points_; ++i) {
    double magnitudes = 0;
    double squares = 0;
    for (int64_t c = 0; c < channels_; ++c) {
      double value = 0;
      for (int k = 0; k < taps_; ++k) value += cook.kernel[i][k] * weights[k * channels_ + c];
      magnitudes += std::abs(value);
      squares += value * value;
    }
    point_norms[i] = std::sqrt(squares);
    flat_ = flat_ || magnitudes * magnitudes > kFlat * squares * static_cast<double>(channels_);
  }
  std::vector<double> least(static_cast<size_t>(taps_ * kTable));
  double size = 0;
  for (double& weight : weights) weight = std::abs(weight);
  for (int k = 0; k < taps_; ++k) {
    const absl::Span<double> table = absl::MakeSpan(least).subspan(k * kTable, kTable);
    FindLeastProducts(weights.subspan(k * channels_, channels_), table);
    size += table[static_cast<int>(kNoiseSpread * kTable)];
  }
  // Where noise may meet no weights at all, it does not pass anyway.
  size = std::max(size, mean / 1024);
  for (int i = 0; i < points_; ++i) norms[i] = std::max(norms[i], point_norms[i] / size);
  for (int entry = 0; entry < kTable; ++entry) {
    double window = 0;
    for (int k = 0; k < taps_; ++k) {
      const double product = least[k * kTable + entry];
      window += product;
      least_[entry][k] = std::min(least_[entry][k], static_cast<float>(product / size));
    }
    window_[entry] = std::min(window_[entry], static_cast<float>(window / size));
  }
  return true;
}

void ToomBounds::AddCosts(const ToomCook& cook, const std::vector<double>& norms) {
  const double rounding = flat_ ? kFlatRounding : kRounding;
  for (int p = 0; p < cook.outputs; ++p) {
    for (int i = 0; i < points_; ++i) {
      const double cost = std::abs(cook.results[p][i]) * norms[i];
      point_costs_[i][p] = static_cast<float>(rounding * cost);
      for (int j = 0; j < points_; ++j) {
        frame_costs_[j][p] += static_cast<float>(cost * std::abs(cook.source[i][j]));
      }
    }
  }
}

// Normal noise: its sum is 0.8 of its norm times the root of the channels.
bool ToomBounds::NoisePasses(const ToomCook& cook) const {
  const float channels = static_cast<float>(channels_);
  Frame noise;
  Measure(std::sqrt(static_cast<float>(kNoiseSpread)) * channels, channels, noise);
  std::array<const Frame*, ToomCook::kMostPoints> frames;
  frames.fill(&noise);
  std::array<float, ToomCook::kMostPoints> squares = {};
  for (int i = 0; i < points_; ++i) {
    for (const double b : cook.source[i]) squares[i] += channels * static_cast<float>(b * b);
  }
  return Pass(squares.data(), frames.data(), cook.outputs);
}

void ToomBounds::Measure(float sum, float squares, Frame& frame) const {
  // Sums of float may be wrong by a little; the table is entered below.
  constexpr float kSafe = 0.999f;
  frame.least.fill(0);
  frame.sum = 0;
  frame.entry = 0;
  if (!(squares < kMostSquares)) {
    frame.norm = std::numeric_limits<float>::infinity();
  } else if (sum < kLeastSum) {
    frame.norm = sum;  // squares may have underflowed
  } else {
    frame.norm = std::sqrt(squares);
    const float spread = kSafe * (sum * sum / squares) / static_cast<float>(channels_);
    frame.sum = sum;
    frame.entry = std::clamp(static_cast<int>(spread * kTable), 0, kTable - 1);
    const Taps& least = least_[frame.entry];
    for (size_t k = 0; k < least.size(); ++k) frame.least[k] = sum * least[k];  // one vector
  }
}

bool ToomBounds::Pass(const float* squares, const Frame* const* frames, int outputs) const {
  std::array<float, ToomCook::kMostPoints> error = {};
  for (int i = 0; i < points_; ++i) {
    const float point = std::sqrt(squares[i]);
    const float frame = frames[i]->norm;
    for (int p = 0; p < ToomCook::kMostPoints; ++p) {
      error[p] += point * point_costs_[i][p] + frame * frame_costs_[i][p];
    }
  }
  for (int p = 0; p < outputs; ++p) {
    float promise = 0;
    for (int k = 0; k < taps_; ++k) promise += frames[p + k]->least[k];
    if (promise == 0 && error[p] == 0) continue;  // silence
    if (!(error[p] <= kPromise * promise)) promise = Promise(frames + p);
    if (!(promise >= kLeastPromise && error[p] <= kPromise * promise)) return false;
  }
  return true;
}

// All frames have at least the least sum and spread of them; what they have beyond that
// counts by taps.
float ToomBounds::Promise(const Frame* const* frames) const {
  float sum = frames[0]->sum;
  int entry = frames[0]->entry;
  for (int k = 1; k < taps_; ++k) {
    sum = std::min(sum, frames[k]->sum);
    entry = std::min(entry, frames[k]->entry);
  }
  float promise = sum * window_[entry];
  for (int k = 0; k < taps_; ++k) promise += (frames[k]->sum - sum) * least_[entry][k];
  return promise;
}

}  // namespace convoy::engine
