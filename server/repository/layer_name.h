// Which names a layer may have.
#ifndef CONVOY_SERVER_REPOSITORY_LAYER_NAME_H_
#define CONVOY_SERVER_REPOSITORY_LAYER_NAME_H_

#include <string_view>

#include "absl/status/status.h"

namespace convoy::repository {

// A layer's name is the name of its folder, a string of the protocol, and the
// value of a metric's label; so it is UTF-8 without control characters or '/',
// does not begin with '.', and takes 1 to 255 bytes.
//   INVALID_ARGUMENT  says which rule is broken.
absl::Status CheckLayerName(std::string_view name);

// The names that the server itself writes are fewer: [a-z0-9][a-z0-9._-]{0,62}, which
// mean the same on every file system, in a path and in a URL.
//   INVALID_ARGUMENT  says what was expected.
absl::Status CheckNewLayerName(std::string_view name);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_LAYER_NAME_H_
