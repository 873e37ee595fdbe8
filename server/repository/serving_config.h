// serving.json: how one layer is served. Every field is optional.
#ifndef CONVOY_SERVER_REPOSITORY_SERVING_CONFIG_H_
#define CONVOY_SERVER_REPOSITORY_SERVING_CONFIG_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy::repository {

// What happens to weights that break the layer's kernel_constraint or
// bias_constraint, which Keras itself looks at only while training.
enum class Constraints : uint8_t {
  kIgnore,  // weights are served as given
  kApply,   // they are projected, as a training step would
  kRefuse,  // the version is not loaded
};

struct ServingConfig {
  // How many of the newest readable versions can be asked for by number.
  int64_t live_versions = 1;
  // "ignore", "apply" or "refuse".
  Constraints constraints = Constraints::kIgnore;

  // The version has no weights file: its initializers make the weights, the same ones
  // on every start, with this seed where they have none of their own. Nobody gets
  // such weights without asking.
  std::optional<int64_t> initialize_seed;  // at least 0

  // The same bits alone and in any batch (engine::CompileOptions).
  bool deterministic = false;

  // How requests become batches; docs/batching.md tells when to set them. The
  // defaults: no delay, no limit.
  std::optional<int64_t> max_queue_delay_microseconds;  // at least 1
  std::optional<int64_t> max_batch_requests;            // at least 1
  std::optional<int64_t> max_batch_bytes;               // of payloads, at least 1
};

//   INVALID_ARGUMENT  not JSON, an unknown key, or a value out of range; the
//                     message names the key, what was expected and what came.
absl::StatusOr<ServingConfig> ParseServingConfig(std::string_view json_text);

// Every value in force, as serving.json would say it; those without a default only
// where they are set.
nlohmann::ordered_json ToJson(const ServingConfig& config);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_SERVING_CONFIG_H_
