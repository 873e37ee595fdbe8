// What /config says.
#ifndef CONVOY_SERVER_HTTP_CONFIG_PAGE_H_
#define CONVOY_SERVER_HTTP_CONFIG_PAGE_H_

#include <nlohmann/json.hpp>

#include "server/registry/registry.h"

namespace convoy::http {

// {"server": `server`, "layers": [...]}, a layer being
//   {"name": "stft", "state": "ready",
//    "versions": [{"version": 1,
//                  "config": {"class_name": "Conv1D", "config": {...}},
//                  "input": {"name": "input", "datatype": "FP32", "shape": [-1, -1, 1]},
//                  "output": {"name": "output", "datatype": "FP32", "shape": [-1, -1, 258]}}],
//    "errors": ["stft/2/config.json: no such file"]}
// The state is "broken" when no version can be called. Shapes are (N, T, C), or
// (N, C, T) for channels_first, with -1 for what a request decides.
nlohmann::ordered_json ConfigPage(const nlohmann::ordered_json& server,
                                  const registry::Snapshot& snapshot);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_CONFIG_PAGE_H_
