// What layers have done, as numbers that can be added and subtracted.
#ifndef CONVOY_SERVER_STATUS_FIGURES_H_
#define CONVOY_SERVER_STATUS_FIGURES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "server/metrics/layer_instruments.h"
#include "server/status/buckets.h"

namespace convoy::status {

// How a call ended, as somebody who looks for a cause wants it told apart.
enum class Outcome {
  kAnswered,
  kRefused,  // turned away: too much is waiting, or the server ends
  kLate,     // its deadline passed, or its caller gave up
  kInvalid,  // the caller's mistake
  kFailed,   // the server's
};
inline constexpr size_t kOutcomes = 5;
inline constexpr Outcome kAllOutcomes[] = {Outcome::kAnswered, Outcome::kRefused, Outcome::kLate,
                                           Outcome::kInvalid, Outcome::kFailed};

Outcome OutcomeOf(absl::StatusCode code);

// In the JSON and the documents: "answered", "refused", ...
const char* NameOf(Outcome outcome);

// Where the time of an answered call goes, in the order in which it passes them.
enum class Stage { kDecode, kQueue, kCompute, kRespond };
inline constexpr size_t kStages = 4;
inline constexpr Stage kAllStages[] = {Stage::kDecode, Stage::kQueue, Stage::kCompute,
                                       Stage::kRespond};

// As the metrics have it: "decode", "queue", ...
const char* NameOf(Stage stage);

// Of one layer or of several, since they came or in some time.
struct Figures {
  std::array<uint64_t, kOutcomes> requests{};      // by Outcome
  Buckets answered_nanoseconds;                    // of a call inside the server
  std::array<Buckets, kStages> stage_nanoseconds;  // of the same calls, by Stage
  Buckets batch_requests;                          // that a batch completed
  uint64_t batch_parts = 0;
  uint64_t work_nanoseconds = 0;  // for which batches were executed

  static Figures Of(const metrics::LayerInstruments& instruments);

  Figures& operator+=(const Figures& other);
  // REQUIRES: as Buckets.
  Figures& operator-=(const Figures& earlier);

  uint64_t Requests(Outcome outcome) const { return requests[static_cast<size_t>(outcome)]; }
  uint64_t AllRequests() const;
  const Buckets& NanosecondsIn(Stage stage) const {
    return stage_nanoseconds[static_cast<size_t>(stage)];
  }
};

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_FIGURES_H_
