// Where a layer's versions come from.
#ifndef CONVOY_SERVER_LOADING_VERSION_SOURCE_H_
#define CONVOY_SERVER_LOADING_VERSION_SOURCE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"
#include "server/repository/version_stamp.h"

namespace convoy::loading {

// One layer's folder. Called from one thread at a time.
class VersionSource {
 public:
  virtual ~VersionSource() = default;

  //   NOT_FOUND    there is no such folder.
  //   UNAVAILABLE  it cannot be read.
  virtual absl::StatusOr<repository::LayerListing> List() = 0;

  // REQUIRES: List named the version.
  virtual repository::VersionStamp Stamp(int64_t version) = 0;

  // Reads the version and makes it ready to be called. `known`, which may be null, is
  // what was made of it before: returned as it is where the bytes are the same.
  //   CANCELLED    loading ends; nothing is to be concluded.
  //   UNAVAILABLE, RESOURCE_EXHAUSTED  it may go better another time.
  //   others       of reading and of compiling.
  virtual absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Load(
      int64_t version, const std::shared_ptr<const registry::LiveVersion>& known) = 0;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_VERSION_SOURCE_H_
