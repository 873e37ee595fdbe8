// A layer's name on the command line as the name of a resource.
#ifndef CONVOY_CLIENT_TOOL_LAYER_NAME_H_
#define CONVOY_CLIENT_TOOL_LAYER_NAME_H_

#include <string>

#include "absl/strings/str_cat.h"

namespace convoy::tool {

// "layers/NAME", or "layers/NAME/versions/NUMBER" where a version is given.
inline std::string LayerName(const std::string& layer, const std::string& version = "") {
  const std::string name = absl::StrCat("layers/", layer);
  return version.empty() ? name : absl::StrCat(name, "/versions/", version);
}

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LAYER_NAME_H_
