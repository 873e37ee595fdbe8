// What loading is told when the server starts.
#ifndef CONVOY_SERVER_LOADING_LOADING_OPTIONS_H_
#define CONVOY_SERVER_LOADING_LOADING_OPTIONS_H_

#include <string>

namespace convoy::loading {

struct LoadingOptions {
  // The model repository's folder. Required.
  std::string repository;
  // When the ways to state a convolution are timed on this machine: "off" never,
  // "load" before a layer is served (up to 0.2 s each), "background" while it is
  // served already, with the fastest taking over when found.
  std::string tuning = "load";
  // The file that keeps what was timed for the next start. Empty: none.
  std::string tuning_file;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LOADING_OPTIONS_H_
