// A version before it is written.
#ifndef CONVOY_SERVER_MANAGEMENT_DRAFT_H_
#define CONVOY_SERVER_MANAGEMENT_DRAFT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/layer/tensor.h"
#include "server/management/weights_source.h"
#include "server/registry/registry.h"

namespace convoy::management {

// The files of a version.
struct Draft {
  std::string config;   // config.json
  std::string serving;  // serving.json; empty: none
  FileBytes weights;    // weights.safetensors; null: none
};

using ServingValue = std::variant<int64_t, bool, std::string>;

// Keys of serving.json and their new values; nothing takes a key away.
using ServingPatch = std::map<std::string, std::optional<ServingValue>>;

// The arguments of Keras' enable_lora. Either initializers, each a name or an object as
// JSON text and empty for Keras' default, or both variables.
struct LoraEdit {
  int64_t rank = 0;
  std::optional<double> alpha;
  std::string a_initializer;
  std::string b_initializer;
  std::optional<layer::Tensor> a;
  std::optional<layer::Tensor> b;
};

// Changes the options of `draft`. With `replace` all that it had go first.
//   INVALID_ARGUMENT  what it had is no serving.json.
absl::Status PatchServing(const ServingPatch& patch, bool replace, Draft& draft);

// Lets the draft's weights be a file, in the place of initializers.
absl::Status ForgetInitializers(Draft& draft);

// Enables LoRA in the draft's config and weights; each factor takes at most `max_bytes`
// while it is made.
//   INVALID_ARGUMENT     the rank, an initializer, or variables of another shape.
//   FAILED_PRECONDITION  a kernel constraint, or LoRA enabled already; Keras' words.
//   RESOURCE_EXHAUSTED   a factor is larger.
// REQUIRES: the draft has weights.
absl::Status EnableLora(const LoraEdit& lora, int64_t max_bytes, Draft& draft);

// What the draft would be as version `version` of layer `name`, without timing it.
// `section` is the option file's of the layer; null if it has none.
//   INVALID_ARGUMENT and others of ReadVersionContent, and of the engine.
absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Preview(
    const std::string& name, int64_t version, const Draft& draft,
    const repository::ServingSection* section = nullptr);

// What is worth knowing of the draft; `layer` is what it gives.
std::vector<std::string> Warnings(const Draft& draft, const layer::Conv1D& layer,
                                  const repository::ServingConfig& serving);

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_DRAFT_H_
