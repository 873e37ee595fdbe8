#include "kernel/engine/tuning/tuner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/plan/tile_costs.h"
#include "kernel/engine/tile/tile_factory.h"
#include "kernel/engine/tuning/probe.h"

namespace convoy::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The least of `costs`. Earlier candidates are the more usual ones: what is within
// the noise of a timing is no reason to leave them.
size_t Best(const std::vector<double>& costs) {
  size_t best = 0;
  for (size_t i = 1; i < costs.size(); ++i) {
    if (costs[i] < kClearlyFaster * costs[best]) best = i;
  }
  return best;
}

// Tunes one layer.
class Tuning {
 public:
  Tuning(const layer::Conv1D& layer, const TuningOptions& options, TileScratch& scratch)
      : factory_(layer), options_(options), scratch_(scratch) {}

  // Seconds of each of `statements` for tiles of `outputs` frames, infinity where it
  // does not suit. The first one is always timed, the others while the budget lasts.
  //   CANCELLED  nothing is to be timed any more.
  absl::StatusOr<std::vector<double>> Time(int64_t outputs,
                                           const std::vector<Statement>& statements) {
    std::vector<const CompiledTile*> tiles;
    std::vector<size_t> suiting;
    CONVOY_RETURN_IF_ERROR(Pause());
    for (size_t i = 0; i < statements.size() && (i == 0 || HasTime()); ++i) {
      auto tile = factory_.Create(statements[i], {1, outputs});
      if (!tile.ok() && i == 0) return tile.status();
      if (!tile.ok()) continue;
      kept_.push_back(*std::move(tile));
      tiles.push_back(kept_.back().get());
      suiting.push_back(i);
    }
    Probe probe(factory_.layer(), {1, outputs}, scratch_);
    const std::vector<double> timed = probe.Time(tiles);
    if (std::all_of(timed.begin(), timed.end(), [](double time) { return std::isinf(time); })) {
      return absl::InternalError("no statement of the convolution gives the reference's numbers");
    }
    std::vector<double> seconds(statements.size(), kInfinity);
    for (size_t i = 0; i < suiting.size(); ++i) seconds[suiting[i]] = timed[i];
    return seconds;
  }

  bool HasTime() const {
    const Clock::duration spent = Clock::now() - start_ - paused_;
    return std::chrono::duration<double>(spent).count() <= options_.budget_seconds;
  }

 private:
  absl::Status Pause() {
    if (options_.pause == nullptr) return absl::OkStatus();
    const Clock::time_point start = Clock::now();
    const bool goes_on = options_.pause();
    paused_ += Clock::now() - start;
    return goes_on ? absl::OkStatus() : absl::CancelledError("timing was stopped");
  }

  TileFactory factory_;
  const TuningOptions options_;
  TileScratch& scratch_;
  const Clock::time_point start_ = Clock::now();
  Clock::duration paused_{0};
  // So that the next length need not pack the weights anew.
  std::vector<std::unique_ptr<CompiledTile>> kept_;
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

// What the statements cost at one length.
struct Contest {
  int64_t outputs;
  std::vector<double> seconds;  // by statement
};

// Whether the weights fill so much of the second-level cache that two statements,
// each with a copy in its own format, would drive each other's out.
bool HasHeavyWeights(const layer::Conv1D& layer) {
  constexpr size_t kHeavyFloats = size_t{96} << 10;
  return layer.kernel().size() > kHeavyFloats;
}

// The statement that is best over all lengths: their costs relative to the best of
// the length, multiplied.
size_t BestOverall(const std::vector<Contest>& contests, size_t statements) {
  std::vector<double> products(statements, 1.0);
  for (const Contest& contest : contests) {
    const double best = *std::min_element(contest.seconds.begin(), contest.seconds.end());
    for (size_t i = 0; i < statements; ++i) products[i] *= contest.seconds[i] / best;
  }
  return Best(products);
}

// The direct winner of each contest, or one for all.
std::vector<TimedTile> DirectWinners(const layer::Conv1D& layer,
                                     const std::vector<Contest>& contests,
                                     const std::vector<Statement>& statements) {
  const size_t direct = static_cast<size_t>(
      std::count_if(statements.begin(), statements.end(), std::mem_fn(&Statement::direct)));
  const size_t overall = BestOverall(contests, direct);
  std::vector<TimedTile> winners;
  for (const Contest& contest : contests) {
    const std::vector<double> seconds(contest.seconds.begin(), contest.seconds.begin() + direct);
    const bool one_for_all = HasHeavyWeights(layer) && !std::isinf(seconds[overall]);
    const size_t winner = one_for_all ? overall : Best(seconds);
    winners.push_back({{1, contest.outputs}, statements[winner], seconds[winner]});
  }
  return winners;
}

// The same, and others where they are clearly faster: they move so much memory that it
// does not matter what the second-level cache held before.
std::vector<TimedTile> Winners(const std::vector<TimedTile>& direct,
                               const std::vector<Contest>& contests,
                               const std::vector<Statement>& statements) {
  std::vector<TimedTile> winners = direct;
  for (size_t n = 0; n < contests.size(); ++n) {
    for (size_t i = 0; i < statements.size(); ++i) {
      const double seconds = contests[n].seconds[i];
      if (statements[i].direct() || seconds >= kClearlyFaster * winners[n].seconds) continue;
      winners[n].statement = statements[i];
      winners[n].seconds = seconds;
    }
  }
  return winners;
}

bool ByOutputs(const TimedTile& a, const TimedTile& b) { return a.shape.outputs < b.shape.outputs; }

}  // namespace

const TimedTile& NearestTuned(const std::vector<TimedTile>& tuning, int64_t outputs) {
  const auto distance = [&](const TimedTile& tile) {
    return std::abs(
        std::log(static_cast<double>(outputs) / static_cast<double>(tile.shape.outputs)));
  };
  return *std::min_element(tuning.begin(), tuning.end(),
                           [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
}

absl::StatusOr<Tunings> Tune(const layer::Conv1D& layer, int64_t longest,
                             const TuningOptions& options, TileScratch& scratch) {
  Tuning tuning(layer, options, scratch);
  const std::vector<Statement> statements = CandidateStatements(layer, options.algorithm);
  std::vector<Contest> contests;
  for (const int64_t outputs : ContestedLengths(longest)) {
    CONVOY_ASSIGN_OR_RETURN(std::vector<double> seconds, tuning.Time(outputs, statements));
    contests.push_back({outputs, std::move(seconds)});
  }
  Tunings tuned;
  tuned.direct = DirectWinners(layer, contests, statements);
  tuned.best = Winners(tuned.direct, contests, statements);
  // The cost of the others between them is not linear: one more point per octave.
  const std::vector<TimedTile> contested = tuned.direct;
  const Statement longest_one = tuned.best.front().statement;  // for long signals
  for (int64_t outputs = 2; outputs < longest && tuning.HasTime(); outputs *= 2) {
    if (outputs == 8 || outputs == 32) continue;
    std::vector<Statement> both = {NearestTuned(contested, outputs).statement};
    if (!longest_one.direct() && outputs > 32) both.push_back(longest_one);
    const absl::StatusOr<std::vector<double>> seconds = tuning.Time(outputs, both);
    if (absl::IsCancelled(seconds.status())) return seconds.status();
    if (!seconds.ok()) continue;
    tuned.direct.push_back({{1, outputs}, both.front(), seconds->front()});
    const size_t best = Best(*seconds);
    tuned.best.push_back({{1, outputs}, both[best], (*seconds)[best]});
  }
  std::sort(tuned.direct.begin(), tuned.direct.end(), ByOutputs);
  std::sort(tuned.best.begin(), tuned.best.end(), ByOutputs);
  return tuned;
}

absl::StatusOr<TimedTile> TimeTile(const layer::Conv1D& layer, TimedTile tile,
                                   TileScratch& scratch) {
  Tuning tuning(layer, {.budget_seconds = 0}, scratch);
  CONVOY_ASSIGN_OR_RETURN(const std::vector<double> seconds,
                          tuning.Time(tile.shape.outputs, {tile.statement}));
  tile.seconds = seconds.front();
  return tile;
}

std::optional<TimedTile> TimeExact(TileFactory& factory, const TileShape& shape,
                                   const std::vector<Statement>& statements, TileScratch& scratch) {
  Probe probe(factory.layer(), shape, scratch);
  std::optional<TimedTile> best;
  for (const Statement& statement : statements) {
    const auto tile = factory.Create(statement, shape);
    if (!tile.ok()) continue;
    const double seconds = probe.Time({tile->get()}).front();
    if (std::isinf(seconds)) continue;
    if (!best.has_value() || seconds < best->seconds) best = {shape, statement, seconds};
  }
  return best;
}

}  // namespace convoy::engine
