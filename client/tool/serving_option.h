// KEY=VALUE of a layer's serving options.
#ifndef CONVOY_CLIENT_TOOL_SERVING_OPTION_H_
#define CONVOY_CLIENT_TOOL_SERVING_OPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "convoy/v1/layer_service.pb.h"

namespace convoy::tool {

// Sets the option of `text`, or leaves it out where there is no value. Returns its key.
//   INVALID_ARGUMENT  no such key, or a value of another type.
absl::StatusOr<std::string> TakeServingOption(const std::string& text,
                                              convoy::v1::ServingOptions& options);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_SERVING_OPTION_H_
