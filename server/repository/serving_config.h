// How one layer is served: its serving.json, and its section of the option file. Every
// field is optional.
#ifndef CONVOY_SERVER_REPOSITORY_SERVING_CONFIG_H_
#define CONVOY_SERVER_REPOSITORY_SERVING_CONFIG_H_

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
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

  // "algorithm" is "direct" and not "auto": no statement that multiplies less than the
  // convolution does (engine::Algorithm).
  bool direct = false;

  // How requests become batches; docs/batching.md tells when to set them. The
  // defaults: no delay, no limit.
  std::optional<int64_t> max_queue_delay_microseconds;  // at least 1
  std::optional<int64_t> max_batch_requests;            // at least 1
  std::optional<int64_t> max_batch_bytes;               // of payloads, at least 1

  // Where each key that is set comes from: "serving.json" or "file", the option file.
  std::map<std::string, std::string> sources;
};

// What one key takes, for those who are shown it.
struct ServingOption {
  std::string key;
  std::string unit;                  // empty: none
  std::optional<int64_t> least;      // of whole numbers
  std::vector<std::string> choices;  // the only values; empty: any
  bool changeable = false;           // while the server runs: how requests become batches
};

// All keys, sorted.
const std::vector<ServingOption>& ServingOptions();

// The option file's section of a layer: values by key, as text. Strings need no quotes.
using ServingSection = std::map<std::string, std::string>;
using ServingSections = std::map<std::string, ServingSection>;  // by the layer's name

//   INVALID_ARGUMENT  an unknown key, or a value out of range; names the section too.
absl::Status CheckSections(const ServingSections& sections);

// Lets the section win over what `config` says, but for options that are changeable:
// those stay the layer's own here (BatchingOfSection).
//   INVALID_ARGUMENT  as CheckSections.
absl::Status ApplySection(const ServingSection& section, ServingConfig& config);

// The section's options that are changeable, each at least 1.
// REQUIRES: CheckSections takes the section.
std::map<std::string, int64_t> BatchingOfSection(const ServingSection& section);

//   INVALID_ARGUMENT  not JSON, an unknown key, or a value out of range; the
//                     message names the key, what was expected and what came.
absl::StatusOr<ServingConfig> ParseServingConfig(std::string_view json_text);

// Every value in force, as serving.json would say it; those without a default only
// where they are set.
nlohmann::ordered_json ToJson(const ServingConfig& config);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_SERVING_CONFIG_H_
