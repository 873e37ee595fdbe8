// A layer's folder on disk as a source of live versions.
#ifndef CONVOY_SERVER_LOADING_LAYER_SOURCE_H_
#define CONVOY_SERVER_LOADING_LAYER_SOURCE_H_

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "server/loading/layer_compiler.h"
#include "server/loading/loading_log.h"
#include "server/loading/version_source.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::loading {

// For one look. What it refers to must outlive it.
class LayerSource final : public VersionSource {
 public:
  struct Parts {
    const repository::ModelRepository& repository;
    const LayerCompiler& compiler;
    LoadingLog& log;
  };

  // `live` is what is live of the layer, perhaps null: a version that replaces it is
  // made ready for what that one is used for. A request to `stop` ends loading.
  LayerSource(const Parts& parts, const std::string& name,
              std::shared_ptr<const registry::LiveVersion> live, std::stop_token stop)
      : parts_(parts), name_(name), live_(std::move(live)), stop_(std::move(stop)) {}

  absl::StatusOr<repository::LayerListing> List() override {
    return parts_.repository.ListVersions(name_);
  }

  repository::VersionStamp Stamp(int64_t version) override {
    return parts_.repository.Stamp(name_, version);
  }

  absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Load(
      int64_t version, const std::shared_ptr<const registry::LiveVersion>& known) override;

 private:
  const Parts parts_;
  const std::string& name_;
  const std::shared_ptr<const registry::LiveVersion> live_;
  const std::stop_token stop_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_SOURCE_H_
