// What a server tells about itself and its layers.
#ifndef CONVOY_CLIENT_METADATA_H_
#define CONVOY_CLIENT_METADATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

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

// How many, and their time together.
struct CountedTime {
  uint64_t count = 0;
  absl::Duration time;
};

// Batches that ended requests of together so many sequences.
struct BatchesOfSize {
  uint64_t sequences = 0;
  CountedTime batches;
};

// What one version of a layer has done since it was loaded. The four stages are where the
// time of `answered` went.
struct VersionStatistics {
  std::string layer;
  std::string version;
  CountedTime answered;
  CountedTime failed;
  absl::Duration decode;
  absl::Duration queue;
  absl::Duration compute;
  absl::Duration respond;
  uint64_t sequences = 0;  // of answered requests
  uint64_t batches = 0;
  std::vector<BatchesOfSize> batch_sizes;
  absl::Time last_answer = absl::InfinitePast();  // if there was one
};

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_METADATA_H_
