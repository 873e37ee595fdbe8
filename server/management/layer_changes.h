// Changes layers for callers, whatever protocol they speak.
#ifndef CONVOY_SERVER_MANAGEMENT_LAYER_CHANGES_H_
#define CONVOY_SERVER_MANAGEMENT_LAYER_CHANGES_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/loading/layer_editor.h"
#include "server/management/base_version.h"
#include "server/management/draft.h"
#include "server/management/layer_catalog.h"
#include "server/management/upload_store.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::management {

// In what a new version differs from the one before.
struct LayerEdit {
  std::optional<std::string> config;  // Keras layer JSON
  ServingPatch serving;
  bool replace_serving = false;  // start from no options
  WeightsSource weights;
  // What becomes of weights that break a constraint, when they are written.
  repository::Constraints constraints = repository::Constraints::kIgnore;
  std::optional<LoraEdit> lora;
};

struct WriteOptions {
  std::string etag;  // LayerCatalog's; empty: whatever there is
  bool validate_only = false;
};

// What was written, or would be.
struct Written {
  int64_t version = 0;
  // As it answers, or would; null where the layer is unloaded.
  std::shared_ptr<const registry::LiveVersion> live;
  std::vector<std::string> warnings;
};

// Every call returns when what it asked for is on the disk and in force, or is an error
// and changed nothing. Without an etag a change is made to what is there at that moment,
// so that nobody's is lost.
//
// Thread-safe. Errors are those of LayerEditor, and
//   FAILED_PRECONDITION  the server does not write.
//   ABORTED              the etag is not the layer's.
//   UNAVAILABLE          the server is starting.
class LayerChanges {
 public:
  struct Parts {
    const registry::Registry& registry;
    const repository::ModelRepository& repository;
    const LayerCatalog& catalog;
    UploadStore& uploads;
    loading::LayerEditor* editor;  // null: the server does not write
  };

  // All parts must outlive it.
  explicit LayerChanges(const Parts& parts) : parts_(parts) {}

  // Whether changes are taken at all, and now.
  absl::Status CheckWritable() const;

  //   INVALID_ARGUMENT  no config, no weights, or what is no layer.
  //   ALREADY_EXISTS    there is such a layer.
  absl::StatusOr<Written> Create(const std::string& layer, const LayerEdit& edit,
                                 bool validate_only) const;

  //   NOT_FOUND  there is no such layer.
  absl::StatusOr<Written> Update(const std::string& layer, const LayerEdit& edit,
                                 const WriteOptions& options) const;

  //   NOT_FOUND  there is no such layer or version.
  absl::StatusOr<Written> Rollback(const std::string& layer, int64_t version,
                                   const WriteOptions& options) const;

  // The versions that went.
  //   NOT_FOUND            there is no such layer.
  //   FAILED_PRECONDITION  it has something that is not the server's own, and
  //                        `with_foreign` is false; lists it.
  absl::StatusOr<std::vector<int64_t>> Delete(const std::string& layer, bool with_foreign,
                                              const WriteOptions& options) const;

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  absl::Status CheckEtag(const std::string& layer, const std::string& etag) const;
  // What the edit makes of `base`.
  absl::StatusOr<Draft> Apply(const LayerEdit& edit, const BaseVersion& base) const;
  absl::Status SetWeights(const LayerEdit& edit, const BaseVersion& base, Draft& draft) const;
  absl::StatusOr<Written> Write(const std::string& layer, const Draft& draft, int64_t newest,
                                Deadline deadline) const;
  // What writing it would give.
  absl::StatusOr<Written> PreviewOf(const std::string& layer, int64_t version,
                                    const Draft& draft) const;
  Written Found(const std::string& layer, int64_t version, const Draft& draft) const;

  const Parts parts_;
};

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_LAYER_CHANGES_H_
