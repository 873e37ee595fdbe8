// One option as it is in force.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_IN_FORCE_H_
#define CONVOY_SERVER_OPTIONS_OPTION_IN_FORCE_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace convoy {

// Where a value came from, the weakest first. The memory limit is that of the
// container (FitInMemory); "runtime" is a change while the server runs.
enum class OptionSource { kDefault, kMemoryLimit, kFile, kEnvironment, kFlag, kRuntime };

const char* SourceName(OptionSource source);

struct OptionInForce {
  std::string name;  // as the flag, without the dashes
  nlohmann::ordered_json value;
  OptionSource source = OptionSource::kDefault;
  std::string unit;                  // "bytes", "seconds", ...; empty: none
  nlohmann::ordered_json least;      // null: there is none
  nlohmann::ordered_json most;       // null: there is none
  std::vector<std::string> choices;  // the only values; empty: any in the range
  bool changeable = false;           // while the server runs
};

// {"workers": {"value": 2, "source": "flag", "unit": "threads", "minimum": 0,
//              "maximum": 1024, "changeable": false}, ...}
// What there is none of (unit, minimum, maximum, choices) is left out.
nlohmann::ordered_json ToJson(const std::vector<OptionInForce>& in_force);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_IN_FORCE_H_
