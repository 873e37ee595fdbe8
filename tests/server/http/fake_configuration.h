// A configuration that tests fill.
#ifndef CONVOY_TESTS_SERVER_HTTP_FAKE_CONFIGURATION_H_
#define CONVOY_TESTS_SERVER_HTTP_FAKE_CONFIGURATION_H_

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/config/configuration.h"
#include "server/config/layer_json.h"
#include "server/registry/registry.h"

namespace convoy::http {

// Shows `about` and the registry's layers.
class FakeConfiguration : public config::Configuration {
 public:
  FakeConfiguration(const registry::Registry& registry, nlohmann::ordered_json about)
      : registry_(registry), about_(std::move(about)) {}

  nlohmann::ordered_json About() const override { return about_; }
  nlohmann::ordered_json ShowWithoutLayers() const override {
    return {{"etag", "one"}, {"server", about_}};
  }
  nlohmann::ordered_json Show() const override {
    nlohmann::ordered_json shown = ShowWithoutLayers();
    auto layers = nlohmann::ordered_json::array();
    const auto snapshot = registry_.snapshot();
    for (const auto& layer : snapshot->layers()) layers.push_back(config::LayerJson(layer));
    shown["layers"] = std::move(layers);
    return shown;
  }
  absl::StatusOr<nlohmann::ordered_json> ShowLayer(const std::string& name) const override {
    const auto snapshot = registry_.snapshot();
    const registry::LiveLayer* const layer = snapshot->FindLayer(name);
    if (layer == nullptr) return absl::NotFoundError("layer \"" + name + "\": is not known");
    return config::LayerJson(*layer);
  }

  config::ChangeAnswer Change(const config::ChangeRequest& request) override {
    requests.push_back(request);
    return {status, {{"etag", "two"}, {"refused", nlohmann::ordered_json::array()}}};
  }

  std::vector<config::ChangeRequest> requests;  // what Change was asked
  absl::Status status;                          // what it says

 private:
  const registry::Registry& registry_;
  const nlohmann::ordered_json about_;
};

}  // namespace convoy::http

#endif  // CONVOY_TESTS_SERVER_HTTP_FAKE_CONFIGURATION_H_
