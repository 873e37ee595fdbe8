#include "server/loading/given_layer.h"

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "kernel/base/bounded_json.h"
#include "kernel/base/status_macros.h"
#include "server/base/catch_exceptions.h"
#include "server/repository/layer_name.h"
#include "server/repository/version_content.h"
#include "server/repository/version_files.h"
#include "server/repository/version_folder.h"

namespace convoy::loading {
namespace {

// As the files of version 1 are named by those who bring them.
constexpr char kPlace[] = "file:1";
constexpr int64_t kVersion = 1;

// Tools that load models elsewhere bring what they bring there.
absl::Status RefuseModelConfig(const repository::VersionContent& content) {
  const absl::StatusOr<repository::TextFile> file = content.ReadText(repository::kConfigFile);
  if (!file.ok()) return absl::OkStatus();  // reading says it better
  const absl::StatusOr<nlohmann::json> json = ParseBoundedJson(file->text);
  if (!json.ok() || !json->is_object() || json->contains("class_name")) return absl::OkStatus();
  for (const char* const key : {"backend", "platform", "max_batch_size", "input", "output",
                                "instance_group", "dynamic_batching", "version_policy"}) {
    if (!json->contains(key)) continue;
    return absl::InvalidArgumentError(
        "config: expected the layer as Keras writes it, {\"class_name\": \"Conv1D\", \"config\": "
        "{...}}, got a Triton ModelConfig; options of serving go in file:1/serving.json");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GiveLayer(const std::string& layer,
                       absl::btree_map<std::string, std::string_view> files,
                       const GivingParts& parts) {
  const repository::MemoryContent content(std::move(files));
  CONVOY_RETURN_IF_ERROR(repository::CheckLayerName(layer));
  CONVOY_RETURN_IF_ERROR(RefuseModelConfig(content));
  CONVOY_ASSIGN_OR_RETURN(repository::LoadedVersion loaded, CatchExceptions([&] {
                            return repository::ReadVersionContent(
                                content, kPlace, kVersion, parts.repository.SectionOf(layer));
                          }));
  const std::shared_ptr<const registry::Snapshot> snapshot = parts.registry.snapshot();
  const absl::StatusOr<const registry::LiveVersion*> before = snapshot->Find(layer, "");
  CONVOY_ASSIGN_OR_RETURN(
      const std::shared_ptr<const registry::LiveVersion> version,
      parts.compiler.Compile(layer, std::move(loaded), LayerCompiler::Timing::kKnown,
                             before.ok() ? *before : nullptr));
  return parts.editor.Give(version);
}

}  // namespace convoy::loading
