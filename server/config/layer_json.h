// What is shown of a layer.
#ifndef CONVOY_SERVER_CONFIG_LAYER_JSON_H_
#define CONVOY_SERVER_CONFIG_LAYER_JSON_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "server/registry/registry.h"

namespace convoy::config {

struct OverriddenOption {
  int64_t value = 0;
  std::string source;  // "file" or "runtime"
};
using Overridden = std::map<std::string, OverriddenOption>;  // by key

//   {"name": "stft", "state": "ready",
//    "versions": [{"version": 1,
//                  "config": {"class_name": "Conv1D", "config": {...}},
//                  "input": {"name": "input", "datatype": "FP32", "shape": [-1, -1, 1]},
//                  "output": {"name": "output", "datatype": "FP32", "shape": [-1, -1, 258]},
//                  "count_params": 66048, "losses": {},
//                  "compute_dtype": "float32", "variable_dtype": "float32",
//                  "serving": {"live_versions": 1, ...},
//                  "options": {"live_versions": {"value": 1, "source": "default",
//                                                "minimum": 1, "changeable": false}, ...},
//                  "checksum": "64 hexadecimal digits",
//                  "execution": "what it runs as on this machine"}],
//    "errors": ["stft/2/config.json: no such file"],
//    "incomplete": ["stft/3/weights.safetensors: no such file; ..."]}
// The state is "broken" when no version can be called, and "incomplete" while somebody
// may still be writing the first one. "serving" is what serving.json would say to have
// all that is in force, "options" tells where each value comes from: "default",
// "serving.json", "file" (a section of the option file) or "runtime". A null is no limit. Shapes
// are (N, T, C), or (N, C, T) for channels_first, with -1 for what a request decides.
// docs/config.schema.json has the whole.
//
// `overridden` is in force instead of what the layer's own options say.
nlohmann::ordered_json LayerJson(const registry::LiveLayer& layer,
                                 const Overridden& overridden = {});

// The options that are changed while the server runs, of the newest version of `layer`,
// which may be null or have none.
nlohmann::ordered_json BatchingJson(const registry::LiveLayer* layer, const Overridden& overridden);

}  // namespace convoy::config

#endif  // CONVOY_SERVER_CONFIG_LAYER_JSON_H_
