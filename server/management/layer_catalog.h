// What there is of layers, in memory and on disk.
#ifndef CONVOY_SERVER_MANAGEMENT_LAYER_CATALOG_H_
#define CONVOY_SERVER_MANAGEMENT_LAYER_CATALOG_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/registry/registry.h"
#include "server/repository/file_source.h"
#include "server/repository/model_repository.h"

namespace convoy::management {

// One version of a layer.
struct VersionEntry {
  enum class State {
    kLive,    // can be called
    kStored,  // on the disk
    kBroken,  // on the disk, and cannot be loaded
  };
  int64_t version = 0;
  State state = State::kStored;
  bool written_by_server = false;
  std::string checksum;  // of a live one
  std::string error;     // of a broken one
  // When the version's folder was last changed; nothing if it is not on the disk.
  std::optional<std::chrono::system_clock::time_point> changed;
};

// A weights file that was opened.
struct WeightsFile {
  int64_t version = 0;
  repository::FileSource source;
  std::string checksum;  // that it must have; empty: nobody knows
};

// Reads only, and waits for the disk. Thread-safe. Both must outlive it.
class LayerCatalog {
 public:
  LayerCatalog(const registry::Registry& registry, const repository::ModelRepository& repository)
      : registry_(registry), repository_(repository) {}

  // The layer's state as far as writers are concerned: the highest version on the disk
  // and the bytes of the one that answers. Never empty.
  std::string Etag(const std::string& layer) const;

  // Newest first.
  //   NOT_FOUND    there is no such layer.
  //   UNAVAILABLE  its folder cannot be read.
  absl::StatusOr<std::vector<VersionEntry>> Versions(const std::string& layer) const;

  // Of the newest live version for an empty `version`, otherwise of one on the disk.
  //   NOT_FOUND            there is no such layer or version.
  //   FAILED_PRECONDITION  it has no weights file; or none can be called.
  //   UNAVAILABLE          it cannot be read.
  absl::StatusOr<WeightsFile> OpenWeights(const std::string& layer, std::string_view version) const;

 private:
  const registry::Registry& registry_;
  const repository::ModelRepository& repository_;
};

// Of a layer whose highest version on the disk is `newest`, and whose newest live one is
// `live`, which may be null.
std::string EtagOf(int64_t newest, const registry::LiveVersion* live);

// Snapshot::Find, with messages that name the field `name`.
absl::StatusOr<const registry::LiveVersion*> FindLive(const registry::Snapshot& snapshot,
                                                      std::string_view layer,
                                                      std::string_view version);

// The highest version that an etag speaks of; nothing if no etag looks like that.
std::optional<int64_t> NewestOf(std::string_view etag);

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_LAYER_CATALOG_H_
