// The version that an update starts from.
#ifndef CONVOY_SERVER_MANAGEMENT_BASE_VERSION_H_
#define CONVOY_SERVER_MANAGEMENT_BASE_VERSION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/management/draft.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::management {

struct BaseVersion {
  int64_t newest = 0;    // the highest version on the disk
  int64_t channels = 0;  // that the layer takes; 0: not known
  // The files of the newest live version; where there is none, what can be read of the
  // highest on the disk.
  Draft files;
};

//   NOT_FOUND            there is no such layer.
//   FAILED_PRECONDITION  what answers was given to the server, and is not on the disk.
//   ABORTED              its files were changed since it was loaded.
//   and the errors of FileSource.
absl::StatusOr<BaseVersion> ReadBaseVersion(const std::string& layer,
                                            const registry::Registry& registry,
                                            const repository::ModelRepository& repository);

// The files of a version on the disk, whether they make a layer or not.
//   the errors of FileSource, but for files that are not there.
absl::StatusOr<Draft> ReadVersionFiles(const repository::ModelRepository& repository,
                                       const std::string& layer, int64_t version);

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_BASE_VERSION_H_
