// Changes layers for those who ask for it.
#ifndef CONVOY_SERVER_LOADING_LAYER_EDITOR_H_
#define CONVOY_SERVER_LOADING_LAYER_EDITOR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/loading/repository_follower.h"
#include "server/registry/registry.h"
#include "server/repository/repository_writer.h"

namespace convoy::loading {

// Every call returns when what it asked for is on the disk and in force, or is an
// error and changed nothing: the version that a create or rollback returns is read
// back, on the disk, compiled, and live unless a newer one is or the layer is
// unloaded.
//
// Thread-safe. Calls wait for the thread that follows the repository. Errors are those
// of RepositoryWriter, and
//   UNAVAILABLE  the server is starting or shutting down.
class LayerEditor {
 public:
  // `keep_versions` of the server's own stay on the disk, and those that are live. All
  // must outlive it.
  LayerEditor(repository::RepositoryWriter& writer, RepositoryFollower& follower,
              const registry::Registry& registry, int64_t keep_versions)
      : writer_(writer), follower_(follower), registry_(registry), keep_versions_(keep_versions) {}

  // The number of the new version.
  //   and any status with which the engine refuses it.
  absl::StatusOr<int64_t> CreateVersion(const std::string& layer,
                                        const std::vector<repository::NewFile>& files,
                                        const repository::WriteCondition& condition = {});
  absl::StatusOr<int64_t> Rollback(const std::string& layer, int64_t version,
                                   const repository::WriteCondition& condition = {});

  // The layer's requests under way still get their answers.
  absl::Status Delete(const std::string& layer, bool with_foreign,
                      const repository::WriteCondition& condition = {});

  // What Delete would answer; deletes nothing.
  absl::Status CheckDelete(const std::string& layer, bool with_foreign,
                           const repository::WriteCondition& condition = {}) const {
    return writer_.CheckDelete(layer, with_foreign, condition);
  }

  // Takes the layer away until Load, or a restart; its folder stays as it is.
  //   NOT_FOUND  there is no such layer.
  absl::Status Unload(const std::string& layer);
  // Loads what is there of the layer, whatever was unloaded, broken or given.
  //   INVALID_ARGUMENT     no layer can have this name.
  //   NOT_FOUND            there is no such layer.
  //   FAILED_PRECONDITION  not one version can be loaded; says why.
  absl::Status Load(const std::string& layer);
  // Serves a version that is not written to the disk, in the place of what is live of its
  // layer; the layer's folder is not looked at until Load.
  absl::Status Give(const std::shared_ptr<const registry::LiveVersion>& version);

 private:
  // Brings a version that was written into force.
  absl::StatusOr<int64_t> Publish(const std::string& layer,
                                  const repository::WrittenVersion& written);
  // Has the follower look at the layer, and waits for it.
  absl::Status LookNow(const std::string& layer);
  absl::Status RunThere(const std::function<void()>& task);

  repository::RepositoryWriter& writer_;
  RepositoryFollower& follower_;
  const registry::Registry& registry_;
  const int64_t keep_versions_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_EDITOR_H_
