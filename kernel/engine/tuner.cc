#include "kernel/engine/tuner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "absl/status/status.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/kernel_factory.h"
#include "kernel/engine/probe.h"

namespace convoy::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kClearlyFaster = 0.97;

// Tunes one layer.
class Tuning {
 public:
  Tuning(const layer::Conv1D& layer, double budget_seconds, Workspace& workspace)
      : factory_(layer), budget_seconds_(budget_seconds), workspace_(workspace) {}

  // The fastest of `statements` for tiles of `outputs` frames. The first one is
  // always timed, the others while the budget lasts.
  absl::StatusOr<TunedLength> Fastest(int64_t outputs, const std::vector<Statement>& statements) {
    std::vector<const TileKernel*> kernels;
    std::vector<Statement> suiting;
    for (size_t i = 0; i < statements.size() && (i == 0 || HasTime()); ++i) {
      auto kernel = factory_.Create(statements[i], {1, outputs});
      if (!kernel.ok() && i == 0) return kernel.status();
      if (!kernel.ok()) continue;
      kept_.push_back(*std::move(kernel));
      kernels.push_back(kept_.back().get());
      suiting.push_back(statements[i]);
    }
    Probe probe(factory_.layer(), {1, outputs}, workspace_);
    const std::vector<double> seconds = probe.Time(kernels);
    TunedLength best{outputs, suiting.front(), seconds.front()};
    for (size_t i = 1; i < suiting.size(); ++i) {
      // Earlier candidates are the more usual ones: what is within the noise of a
      // timing is no reason to leave them.
      if (seconds[i] < kClearlyFaster * best.seconds) best = {outputs, suiting[i], seconds[i]};
    }
    if (std::isinf(best.seconds)) {
      return absl::InternalError("no statement of the convolution gives the reference's numbers");
    }
    return best;
  }

  bool HasTime() const {
    return std::chrono::duration<double>(Clock::now() - start_).count() <= budget_seconds_;
  }

 private:
  KernelFactory factory_;
  const double budget_seconds_;
  Workspace& workspace_;
  const Clock::time_point start_ = Clock::now();
  // So that the next length need not pack the weights anew.
  std::vector<std::unique_ptr<TileKernel>> kept_;
};

// The lengths where all statements compete: short ones, where a call's fixed cost
// decides, one where rows of several outputs fit, and the longest, where most time
// is spent: that one first.
std::vector<int64_t> ContestedLengths(int64_t longest) {
  std::vector<int64_t> contested = {longest};
  for (const int64_t length : {32, 8, 1}) {
    if (length < longest) contested.push_back(length);
  }
  return contested;
}

bool ByOutputs(const TunedLength& a, const TunedLength& b) { return a.outputs < b.outputs; }

}  // namespace

const TunedLength& NearestTuned(const std::vector<TunedLength>& tuned, int64_t outputs) {
  const auto distance = [&](const TunedLength& each) {
    return std::abs(std::log(static_cast<double>(outputs) / static_cast<double>(each.outputs)));
  };
  return *std::min_element(tuned.begin(), tuned.end(),
                           [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
}

absl::StatusOr<std::vector<TunedLength>> Tune(const layer::Conv1D& layer,
                                              const std::vector<int64_t>& lengths,
                                              const TuningOptions& options, Workspace& workspace) {
  Tuning tuning(layer, options.budget_seconds, workspace);
  std::vector<TunedLength> tuned;
  for (const int64_t outputs : ContestedLengths(lengths.back())) {
    CONVOY_ASSIGN_OR_RETURN(const TunedLength length,
                            tuning.Fastest(outputs, CandidateStatements(layer)));
    tuned.push_back(length);
  }
  std::sort(tuned.begin(), tuned.end(), ByOutputs);
  // The cost of the others between them is not linear: one more point an octave.
  const std::vector<TunedLength> contested = tuned;
  for (int64_t outputs = 2; outputs < lengths.back() && tuning.HasTime(); outputs *= 2) {
    if (outputs == 8 || outputs == 32) continue;
    const Statement statement = NearestTuned(contested, outputs).statement;
    const absl::StatusOr<TunedLength> length = tuning.Fastest(outputs, {statement});
    if (length.ok()) tuned.push_back(*length);
  }
  std::sort(tuned.begin(), tuned.end(), ByOutputs);
  return tuned;
}

absl::StatusOr<std::vector<TunedLength>> TimeStatement(const layer::Conv1D& layer, int64_t outputs,
                                                       const Statement& statement,
                                                       Workspace& workspace) {
  Tuning tuning(layer, 0, workspace);
  CONVOY_ASSIGN_OR_RETURN(const TunedLength timed, tuning.Fastest(outputs, {statement}));
  return std::vector<TunedLength>{timed};
}

std::optional<ExactShape> TimeExact(KernelFactory& factory, const TileShape& shape,
                                    const std::vector<Statement>& statements,
                                    Workspace& workspace) {
  Probe probe(factory.layer(), shape, workspace);
  std::optional<ExactShape> best;
  for (const Statement& statement : statements) {
    const auto kernel = factory.Create(statement, shape);
    if (!kernel.ok()) continue;
    const double seconds = probe.Time({kernel->get()}).front();
    if (std::isinf(seconds)) continue;
    if (!best.has_value() || seconds < best->seconds) best = {shape, statement, seconds};
  }
  return best;
}

}  // namespace convoy::engine
