// The options in force, and what changes them while the server runs.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_STATE_H_
#define CONVOY_SERVER_OPTIONS_OPTION_STATE_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/options/server_options.h"
#include "server/repository/serving_config.h"

namespace convoy {

// Changes of layers' options at run time, by the layer's name and the option's key.
using LayerChanges = std::map<std::string, std::map<std::string, int64_t>>;

// What one layer's option is instead of what its serving.json says.
struct LayerOverride {
  int64_t value = 0;
  const char* source = "";  // "file" or "runtime"
};
using LayerOverrides = std::map<std::string, LayerOverride>;  // by key

// A value: what the server was started with, what the option file says by now, and
// what was changed on top of it. Copied, changed, and put in the place of the old one
// when all of the change is good.
class OptionState {
 public:
  // One thing that cannot be done.
  struct Refusal {
    std::string layer;  // empty: of the server's options
    std::string option;
    absl::Status why;
  };

  explicit OptionState(ParsedOptions options);

  // The changeable ones are those in force; others those of the option file by now.
  const ServerOptions& values() const { return options_.values; }
  const std::vector<OptionInForce>& in_force() const { return options_.in_force; }
  // Null when there is no such option.
  const OptionInForce* Find(const std::string& name) const;
  // What a restart would change: "workers", "layer.stft.deterministic".
  const std::vector<std::string>& needs_restart() const { return needs_restart_; }
  LayerOverrides OverridesOf(const std::string& layer) const;
  // Layers that a section or a change names.
  std::vector<std::string> NamedLayers() const;
  // Those of sections only.
  const repository::ServingSections& sections() const { return options_.values.loading.sections; }
  // {"options": {...}, "layers": {...}}
  nlohmann::ordered_json Changes() const;

  // Merges a patch (config::ChangeRequest) into the changes; what cannot be is appended
  // to `refused`.
  //   INVALID_ARGUMENT  it is not a patch.
  absl::Status Merge(const nlohmann::ordered_json& patch, std::vector<Refusal>& refused);

  // Reads the option file again.
  //   INVALID_ARGUMENT  it cannot be read, or something in it is wrong; says what.
  absl::Status Reload();

  // Puts the option of `other` in the place of this one's, which needs a restart then.
  void Keep(const OptionInForce& option);

 private:
  absl::Status MergeLayers(const nlohmann::ordered_json& layers, std::vector<Refusal>& refused);
  absl::Status Parse(OptionInputs inputs, std::vector<Refusal>& refused);

  repository::ServingSections started_with_;  // the sections
  ParsedOptions options_;
  OptionChanges changes_;
  LayerChanges layer_changes_;
  std::vector<std::string> needs_restart_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_STATE_H_
