#include "kernel/engine/tile/toom_tile.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tile/toom_kernels.h"

namespace convoy::engine {
namespace {

constexpr int64_t kMostGroups = 12 * kToomGroups;  // at a time
constexpr int64_t kLineFloats = 16;                // of the cache

// So many that what is transformed leaves room for weights in the second-level cache,
// and weights that come from beyond it are used often enough.
int64_t GroupsAtATime(const ProblemSize& size, const ToomCook& cook) {
  constexpr int64_t kFloats = int64_t{48} << 10;
  constexpr int64_t kFewest = 6 * kToomGroups;
  const int64_t fitting = kFloats / (cook.points * size.channels) / kToomGroups * kToomGroups;
  return std::clamp(fitting, kFewest, kMostGroups);
}

int64_t RoundedUp(int64_t count, int64_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

}  // namespace

int64_t ToomTile::BlockOutputs(const ProblemSize& size, const ToomCook& cook, int64_t outputs) {
  const int64_t round = cook.outputs * size.dilation_rate;
  const int64_t most =
      std::max(GroupsAtATime(size, cook) * cook.outputs / round, int64_t{1}) * round;
  const int64_t blocks = (outputs + most - 1) / most;
  return std::min(RoundedUp((outputs + blocks - 1) / blocks, round), outputs);
}

ToomTile::ToomTile(int64_t outputs, Parts parts, BlockCounts& counts)
    : CompiledTile({1, outputs}),
      stated_(std::move(parts.stated)),
      weights_(std::move(parts.weights)),
      direct_(std::move(parts.direct)),
      size_(stated_->problem.size()),
      cook_(weights_->cook()),
      block_(direct_->shape().outputs),
      groups_(GroupsAtATime(size_, cook_)),
      pitch_(groups_ * size_.channels + kLineFloats),
      counts_(counts) {}

absl::Status ToomTile::RunFirst(int64_t wanted, const float* source, float* target,
                                TileScratch& scratch) const {
  Work work = Prepare(wanted, source, target, scratch);
  const bool promising = IsPromising(work);
  absl::InlinedVector<int64_t, 16> failed;
  for (int64_t first = 0; first < wanted; first += block_) {
    if (!promising || !RunBlock(work, first)) failed.push_back(first);
  }
  Count(static_cast<uint64_t>((wanted + block_ - 1) / block_), failed.size());
  // Afterwards: they use the same scratch memory. The last one may lie over the one
  // before it.
  for (int64_t first : failed) {
    first = std::min(first, shape().outputs - block_);
    CONVOY_RETURN_IF_ERROR(
        direct_->Run(source + first * size_.channels, target + first * size_.filters, scratch));
  }
  return absl::OkStatus();
}

void ToomTile::Count(uint64_t blocks, uint64_t fell_back) const {
  counts_.Add(blocks, fell_back);
  AllBlockCounts().Add(blocks, fell_back);
}

// Two groups apart from each other and from the ends, where padding may lie: where one does
// not pass, hardly a block of many will.
bool ToomTile::IsPromising(const Work& work) const {
  for (const int64_t output : {work.wanted / 3, work.wanted * 2 / 3}) {
    for (int j = 0; j < cook_.points; ++j) {
      const int64_t t = output + j * size_.dilation_rate;
      if (t < size_.SourceFrames(work.wanted)) Measure(work, t);
    }
    if (!Transform(work, output, 0)) return false;
  }
  return true;
}

ToomTile::Work ToomTile::Prepare(int64_t wanted, const float* source, float* target,
                                 TileScratch& scratch) const {
  const int64_t transformed = cook_.points * pitch_;
  const int64_t products = cook_.points * groups_ * kToomFilters;
  const int64_t floats = transformed + products + size_.channels;
  const size_t frames = static_cast<size_t>(source_frames() + 1) * sizeof(ToomBounds::Frame);
  std::byte* const memory =
      scratch.Scratchpad(static_cast<size_t>(floats) * sizeof(float) + frames);
  float* const first = reinterpret_cast<float*>(memory);
  float* const silence = first + transformed + products;
  std::fill_n(silence, size_.channels, 0.0f);
  return {.source = source,
          .target = target,
          .wanted = wanted,
          .frames = reinterpret_cast<ToomBounds::Frame*>(silence + size_.channels),
          .silence = silence,
          .transformed = first,
          .products = first + transformed};
}

void ToomTile::Measure(const Work& work, int64_t frame) const {
  float sum = 0;
  float squares = 0;
  FrameSums(work.source + frame * size_.channels, size_.channels, sum, squares);
  weights_->bounds().Measure(sum, squares, work.frames[frame]);
}

void ToomTile::MeasureFor(Work& work, int64_t output) const {
  const int64_t end = std::min(output + (cook_.points - 1) * size_.dilation_rate + 1,
                               size_.SourceFrames(work.wanted));
  for (; work.measured < end; ++work.measured) Measure(work, work.measured);
}

int64_t ToomTile::FirstOutput(int64_t block, int64_t group) const {
  const int64_t dilation = size_.dilation_rate;
  return block + group / dilation * dilation * cook_.outputs + group % dilation;
}

bool ToomTile::RunBlock(Work& work, int64_t block) const {
  const int64_t groups = RoundedUp(block_, cook_.outputs * size_.dilation_rate) / cook_.outputs;
  work.measured = std::max(work.measured, block);  // of what is before it nothing is needed
  for (int64_t first = 0; first < groups; first += groups_) {
    int64_t count = 0;
    for (; count < std::min(groups_, groups - first); ++count) {
      const int64_t output = FirstOutput(block, first + count);
      if (output >= work.wanted) break;
      MeasureFor(work, output);
      if (!Transform(work, output, count)) return false;
    }
    if (count > 0) Multiply(work, block, first, count);
  }
  return true;
}

// What lies behind the windows of the wanted outputs counts as zeros: it may be another
// caller's, and must not change what these are rounded to.
bool ToomTile::Transform(const Work& work, int64_t output, int64_t place) const {
  const ToomBounds& bounds = weights_->bounds();
  const int64_t dilation = size_.dilation_rate;
  const int64_t end = size_.SourceFrames(work.wanted);
  std::array<const float*, ToomCook::kMostPoints> frames;
  std::array<const ToomBounds::Frame*, ToomCook::kMostPoints> measures;
  for (int j = 0; j < cook_.points; ++j) {
    const int64_t frame = output + j * dilation;
    frames[j] = frame < end ? work.source + frame * size_.channels : work.silence;
    measures[j] = frame < end ? work.frames + frame : &bounds.silence();
  }
  std::array<float, ToomCook::kMostPoints> squares;
  TransformFrames(cook_.points, frames.data(), size_.channels,
                  work.transformed + place * size_.channels, pitch_, squares.data());
  const int64_t outputs = (work.wanted - output + dilation - 1) / dilation;
  const int wanted = static_cast<int>(std::min<int64_t>(outputs, cook_.outputs));
  return bounds.Pass(squares.data(), measures.data(), wanted);
}

void ToomTile::Multiply(const Work& work, int64_t block, int64_t first_group, int64_t count) const {
  std::array<int64_t, kMostGroups> outputs;
  for (int64_t g = 0; g < count; ++g) outputs[g] = FirstOutput(block, first_group + g);
  const absl::Span<const int64_t> groups(outputs.data(), static_cast<size_t>(count));
  for (int64_t f = 0; f < size_.filters; f += kToomFilters) {
    MultiplyPanels(work, f, groups);
    WriteResults(work, f, groups);
  }
}

float* ToomTile::Target(const Work& work, int64_t group, int p, int64_t filter) const {
  const int64_t output = group + p * size_.dilation_rate;
  return output < work.wanted ? work.target + output * size_.filters + filter : nullptr;
}

// Asks for the lines of the results meanwhile: they lie far apart, and where the caller's
// memory is in no cache, writing them would take a third of the tile's time.
void ToomTile::MultiplyPanels(const Work& work, int64_t filter,
                              absl::Span<const int64_t> groups) const {
  const int64_t count = static_cast<int64_t>(groups.size());
  for (int i = 0; i < cook_.points; ++i) {
    const float* const panel = weights_->Panel(filter / kToomFilters, i);
    for (int64_t g = 0; g < count; g += kToomGroups) {
      if (i < cook_.outputs) {
        for (const int64_t group : groups.subspan(g, kToomGroups)) {
          const float* const target = Target(work, group, i, filter);
          if (target != nullptr) __builtin_prefetch(target, /*rw=*/1);
        }
      }
      MultiplyPanel(work.transformed + i * pitch_ + g * size_.channels, size_.channels, panel,
                    work.products + (i * groups_ + g) * kToomFilters);
    }
  }
}

void ToomTile::WriteResults(const Work& work, int64_t filter,
                            absl::Span<const int64_t> groups) const {
  const float* const bias =
      stated_->problem.bias().empty() ? nullptr : stated_->problem.bias().data() + filter;
  const bool half = filter + kToomLanes == size_.filters;
  std::array<float*, ToomCook::kMostPoints> results;
  for (size_t g = 0; g < groups.size(); ++g) {
    for (int p = 0; p < cook_.outputs; ++p) results[p] = Target(work, groups[g], p, filter);
    TransformProducts(cook_.points, cook_.outputs, work.products + g * kToomFilters,
                      groups_ * kToomFilters, bias, half, results.data());
  }
}

std::string ToomTile::Describe() const {
  return absl::StrCat("F(", cook_.outputs, ", ", cook_.taps, "): blocks of ", block_,
                      " outputs, else ", direct_->Describe());
}

}  // namespace convoy::engine
