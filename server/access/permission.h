// What a caller must be allowed for each method and page.
#ifndef CONVOY_SERVER_ACCESS_PERMISSION_H_
#define CONVOY_SERVER_ACCESS_PERMISSION_H_

#include <optional>
#include <string_view>

namespace convoy::access {

enum class Permission {
  kOpen,      // nothing: whether the server, or a layer, is ready
  kMetrics,   // as kRead, or nothing, by an option
  kKnown,     // to be known at all
  kSeeLayer,  // kRead, or kInfer on the layer that is asked about
  kInfer,     // to use a layer
  kRead,      // to look at everything
  kWrite,     // to change what is served, or how
};

// The one list of what is served. A method "/package.Service/Method" or page "/config" that
// is not in it needs kWrite, and fails a test.
std::optional<Permission> PermissionOfMethod(std::string_view path);
std::optional<Permission> PermissionOfPage(std::string_view method, std::string_view pattern);

}  // namespace convoy::access

#endif  // CONVOY_SERVER_ACCESS_PERMISSION_H_
