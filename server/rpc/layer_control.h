// What the methods that load and unload layers need of whoever does it.
#ifndef CONVOY_SERVER_RPC_LAYER_CONTROL_H_
#define CONVOY_SERVER_RPC_LAYER_CONTROL_H_

#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"

namespace convoy::rpc {

// Each call returns when what it asked for is in force, or is an error and changed
// nothing. Implementations are thread-safe; calls may take long.
class LayerControl {
 public:
  virtual ~LayerControl() = default;

  // Loads what is there of the layer.
  virtual absl::Status Load(const std::string& layer) = 0;
  // Serves a layer of these files, by their names in the repository, and writes nothing.
  virtual absl::Status Give(const std::string& layer,
                            absl::btree_map<std::string, std::string_view> files) = 0;
  // Takes the layer away until Load, Give, or a restart.
  virtual absl::Status Unload(const std::string& layer) = 0;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LAYER_CONTROL_H_
