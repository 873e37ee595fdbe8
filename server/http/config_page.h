// What /config says.
#ifndef CONVOY_SERVER_HTTP_CONFIG_PAGE_H_
#define CONVOY_SERVER_HTTP_CONFIG_PAGE_H_

#include <nlohmann/json.hpp>

#include "server/http/router.h"
#include "server/registry/registry.h"

namespace convoy::http {

// {"server": `server`, "layers": [...]}, a layer being
//   {"name": "stft", "state": "ready",
//    "versions": [{"version": 1,
//                  "config": {"class_name": "Conv1D", "config": {...}},
//                  "input": {"name": "input", "datatype": "FP32", "shape": [-1, -1, 1]},
//                  "output": {"name": "output", "datatype": "FP32", "shape": [-1, -1, 258]},
//                  "count_params": 66048, "losses": {},
//                  "compute_dtype": "float32", "variable_dtype": "float32",
//                  "serving": {"live_versions": 1, ...},
//                  "checksum": "64 hexadecimal digits",
//                  "execution": "what it runs as on this machine"}],
//    "errors": ["stft/2/config.json: no such file"],
//    "incomplete": ["stft/3/weights.safetensors: no such file; ..."]}
// The state is "broken" when no version can be called, and "incomplete" while somebody
// may still be writing the first one. Shapes are (N, T, C), or
// (N, C, T) for channels_first, with -1 for what a request decides.
nlohmann::ordered_json ConfigPage(const nlohmann::ordered_json& server,
                                  const registry::Snapshot& snapshot);

// Adds "/config": what ConfigPage says about the registry's latest snapshot. `registry`
// must outlive the router.
void AddConfigPage(const registry::Registry& registry, nlohmann::ordered_json server,
                   Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_CONFIG_PAGE_H_
