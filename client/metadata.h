// What a server tells about itself and its layers.
#ifndef CONVOY_CLIENT_METADATA_H_
#define CONVOY_CLIENT_METADATA_H_

#include <cstdint>
#include <string>
#include <vector>

namespace convoy::client {

struct ServerInfo {
  std::string name;
  std::string version;
  std::vector<std::string> extensions;
};

// One version of one layer in the server's repository.
struct LayerEntry {
  std::string name;
  // Decimal; empty for a layer of which no version could be read.
  std::string version;
  // "READY", "LOADING" or "UNAVAILABLE".
  std::string state;
  // Why the state is not READY.
  std::string reason;
};

struct TensorSpec {
  std::string name;
  // As the protocol names it: "FP32".
  std::string datatype;
  // (N, T, C) or (N, C, T); -1 where any size is accepted.
  std::vector<int64_t> shape;
};

struct LayerInfo {
  std::string name;
  // The versions that can be asked for by number.
  std::vector<std::string> versions;
  std::string platform;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
};

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_METADATA_H_
