// What /status says.
#ifndef CONVOY_SERVER_STATUS_STATUS_JSON_H_
#define CONVOY_SERVER_STATUS_STATUS_JSON_H_

#include <nlohmann/json.hpp>

#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/status/recorder.h"

namespace convoy::status {

// Where it comes from.
struct Sources {
  const registry::Registry& registry;
  const metrics::Metrics& metrics;
  // Of it "version", "instruction_set", "grpc_address", "workers" and "pollers" are shown.
  const nlohmann::ordered_json& server;
  const Recorder& recorder;
};

// As docs/status_page.md describes it.
nlohmann::ordered_json StatusJson(const Sources& sources);

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_STATUS_JSON_H_
