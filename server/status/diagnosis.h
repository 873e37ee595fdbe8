// Is it up, is it slow, and why? In words.
#ifndef CONVOY_SERVER_STATUS_DIAGNOSIS_H_
#define CONVOY_SERVER_STATUS_DIAGNOSIS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/registry/registry.h"
#include "server/status/recorder.h"

namespace convoy::status {

// From the best to the gravest.
enum class Level {
  kOk,
  kStarting,
  kDraining,
  kWarning,   // it serves, and somebody should look
  kCritical,  // callers are turned away or get errors
};

// In the JSON: "ok", "starting", ...
const char* NameOf(Level level);

// What a diagnosis is made from.
struct Facts {
  bool draining = false;
  bool complete = true;    // all layers are loaded that can be
  absl::Status readiness;  // why it is not ready
  registry::LayerCounts layers;
  std::string broken_layer;  // one of them and the reason, if there are any
  std::string load_error;    // of a layer that serves an older version, if there is one
  bool repository_readable = true;
  double queue_requests = 0;
  double resident_bytes = 0;
  double memory_limit_bytes = 0;  // 0: none is known
  int workers = 1;
  Span recent;  // some seconds
  Span minute;
};

struct Diagnosis {
  Level level = Level::kOk;
  // The gravest, as one sentence.
  std::string sentence;
  // Where that does not say it: how fast it is, and what else is to be known.
  std::vector<std::string> also;
};

Diagnosis Diagnose(const Facts& facts);

// The share of the workers' time in which they executed batches, at most 1.
double Utilisation(const Span& span, int workers);

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_DIAGNOSIS_H_
