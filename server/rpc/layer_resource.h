// Names of layers as resources.
#ifndef CONVOY_SERVER_RPC_LAYER_RESOURCE_H_
#define CONVOY_SERVER_RPC_LAYER_RESOURCE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy::rpc {

struct LayerResource {
  std::string layer;
  std::string version;  // decimal; empty for the layer itself
};

// "layers/NAME". `field` is for the message.
//   INVALID_ARGUMENT  something else, or no layer can have that name.
absl::StatusOr<std::string> ParseLayer(std::string_view field, std::string_view text);

// "layers/NAME" or "layers/NAME/versions/NUMBER".
absl::StatusOr<LayerResource> ParseLayerOrVersion(std::string_view field, std::string_view text);

std::string LayerResourceName(std::string_view layer);
std::string VersionResourceName(std::string_view layer, int64_t version);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LAYER_RESOURCE_H_
