// What loading is told when the server starts.
#ifndef CONVOY_SERVER_LOADING_LOADING_OPTIONS_H_
#define CONVOY_SERVER_LOADING_LOADING_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/repository/serving_config.h"

namespace convoy::loading {

struct LoadingOptions {
  // The model repository's folder. Required.
  std::string repository;
  // "fixed" reads it once; "watch" follows what changes of it; "managed" also writes
  // what callers ask for.
  std::string mode = "watch";
  // With "managed": how many of a layer's versions that the server wrote stay on the
  // disk; those that can be called stay in any case.
  int64_t keep_versions = 5;
  // Folders that the system may be asked to watch. 0 watches none and looks every
  // second, for tests; others get as many as the system allows.
  size_t most_watches = SIZE_MAX;
  // When the ways to state a convolution are timed on this machine: "off" never,
  // "load" before a layer is served (up to 0.2 s each), "background" while it is
  // served already, with the fastest taking over when found.
  std::string tuning = "load";
  // With "load": how long the server's readiness waits for timing in all; what is left
  // then is timed behind, as with "background".
  double tuning_seconds = 5;
  // The file that keeps what was timed for the next start. Empty: none.
  std::string tuning_file;
  // What the option file says of layers, by their names. Checked (CheckSections).
  repository::ServingSections sections;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LOADING_OPTIONS_H_
