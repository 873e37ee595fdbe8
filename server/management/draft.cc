#include "server/management/draft.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/bounded_json.h"
#include "kernel/base/json_text.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/engine/run_path.h"
#include "kernel/keras/initializer_json.h"
#include "kernel/layer/lora.h"
#include "kernel/layer/tensor_values.h"
#include "server/batching/layer_handle.h"
#include "server/loading/layer_compiler.h"
#include "server/repository/version_content.h"
#include "server/repository/version_files.h"
#include "server/repository/version_folder.h"

namespace convoy::management {
namespace {

using Json = nlohmann::ordered_json;
using layer::Conv1DConfig;
using layer::Conv1DWeights;
using layer::Tensor;

constexpr char kWeightsKey[] = "weights";  // of serving.json: initializers

absl::StatusOr<Json> ServingOf(const Draft& draft) {
  if (draft.serving.empty()) return Json::object();
  CONVOY_ASSIGN_OR_RETURN(const nlohmann::json parsed, ParseBoundedJson(draft.serving));
  if (!parsed.is_object()) return absl::InvalidArgumentError("serving.json: expected an object");
  return Json(parsed);
}

void SetServing(const Json& serving, Draft& draft) {
  draft.serving = serving.empty() ? "" : serving.dump();
}

// A name, or an object, of keras.initializers; nothing for an empty text.
absl::StatusOr<std::optional<layer::Initializer>> InitializerOf(const char* field,
                                                                const std::string& text) {
  if (text.empty()) return std::nullopt;
  nlohmann::json value = text;
  if (text.front() == '{' || text.front() == '"') {
    const absl::StatusOr<nlohmann::json> parsed = ParseBoundedJson(text);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("lora.initializers.", field, ": ", parsed.status().message()));
    }
    value = *parsed;
  }
  CONVOY_ASSIGN_OR_RETURN(layer::Initializer initializer, keras::ParseInitializer(value));
  return initializer;
}

absl::Status CheckVariable(const Tensor& tensor, std::string_view name,
                           const std::vector<int64_t>& shape) {
  CONVOY_RETURN_IF_ERROR(layer::CheckShape(tensor, name, shape));
  return layer::CheckBytes(tensor, name);
}

// All values of a file that are not finite.
int64_t CountNotFinite(const Tensor& tensor) {
  const std::vector<double> values = layer::ToDoubles(tensor);
  return std::count_if(values.begin(), values.end(),
                       [](double value) { return !std::isfinite(value); });
}

void WarnOfTensor(std::string_view name, const Tensor& tensor, layer::DType variable_dtype,
                  std::vector<std::string>& warnings) {
  const std::string label(name);
  if (const int64_t bad = CountNotFinite(tensor); bad > 0) {
    warnings.push_back(absl::StrCat(label, ": ", bad, " values are infinite or not a number"));
  }
  if (layer::SizeOf(tensor.dtype) > layer::SizeOf(variable_dtype)) {
    warnings.push_back(absl::StrCat(label, ": ", std::string(layer::KerasName(tensor.dtype)),
                                    " values are rounded to the layer's ",
                                    std::string(layer::KerasName(variable_dtype))));
  }
}

}  // namespace

absl::Status PatchServing(const ServingPatch& patch, bool replace, Draft& draft) {
  if (patch.empty() && !replace) return absl::OkStatus();
  absl::StatusOr<Json> before = ServingOf(draft);
  Json serving = Json::object();
  if (!replace) {
    if (!before.ok()) return before.status();
    serving = *std::move(before);
  } else if (before.ok() && before->contains(kWeightsKey)) {
    serving[kWeightsKey] = (*before)[kWeightsKey];  // no option: the weights
  }
  for (const auto& [key, value] : patch) {
    if (value.has_value()) {
      std::visit([&serving, &key = key](const auto& each) { serving[key] = each; }, *value);
    } else {
      serving.erase(key);
    }
  }
  SetServing(serving, draft);
  return absl::OkStatus();
}

absl::Status ForgetInitializers(Draft& draft) {
  CONVOY_ASSIGN_OR_RETURN(Json serving, ServingOf(draft));
  if (serving.erase(kWeightsKey) > 0) SetServing(serving, draft);
  return absl::OkStatus();
}

absl::Status EnableLora(const LoraEdit& lora, int64_t max_bytes, Draft& draft) {
  CONVOY_ASSIGN_OR_RETURN(keras::LayerFile file, keras::ParseLayer(draft.config));
  CONVOY_ASSIGN_OR_RETURN(Conv1DWeights weights, ReadWeights(draft.weights, file.config));
  const std::vector<int64_t>& kernel = weights.kernel.shape;
  CONVOY_RETURN_IF_ERROR(
      CheckMaking(layer::kLoraAName, {kernel[0], kernel[1], lora.rank}, max_bytes));
  CONVOY_RETURN_IF_ERROR(CheckMaking(layer::kLoraBName, {lora.rank, kernel[2]}, max_bytes));
  layer::LoraOptions options{.rank = lora.rank, .alpha = lora.alpha};
  CONVOY_ASSIGN_OR_RETURN(options.a_initializer, InitializerOf("a", lora.a_initializer));
  CONVOY_ASSIGN_OR_RETURN(options.b_initializer, InitializerOf("b", lora.b_initializer));
  const absl::Status enabled = layer::EnableLora(options, file.config, weights);
  if (!enabled.ok()) return absl::Status(enabled.code(), absl::StrCat("lora: ", enabled.message()));
  if (lora.a.has_value() && lora.b.has_value()) {
    CONVOY_RETURN_IF_ERROR(
        CheckVariable(*lora.a, "lora.variables.a", weights.lora_kernel_a->shape));
    CONVOY_RETURN_IF_ERROR(
        CheckVariable(*lora.b, "lora.variables.b", weights.lora_kernel_b->shape));
    weights.lora_kernel_a = *lora.a;
    weights.lora_kernel_b = *lora.b;
  }
  // The rest of the config stays as it was written.
  Json config = Json::parse(draft.config);
  config["config"]["lora_rank"] = lora.rank;
  if (lora.alpha.has_value()) config["config"]["lora_alpha"] = *lora.alpha;
  draft.config = JsonText(config);
  draft.weights = ToFile(std::move(weights));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Preview(
    const std::string& name, int64_t version, const Draft& draft,
    const repository::ServingSection* section) {
  repository::MemoryContent::Files files = {{repository::kConfigFile, draft.config}};
  if (!draft.serving.empty()) files[repository::kServingFile] = draft.serving;
  if (draft.weights != nullptr) files[repository::kWeightsFile] = *draft.weights;
  const repository::MemoryContent content(std::move(files));
  CONVOY_ASSIGN_OR_RETURN(
      repository::LoadedVersion loaded,
      repository::ReadVersionContent(content, absl::StrCat(name, "/", version), version, section));
  CONVOY_ASSIGN_OR_RETURN(
      std::unique_ptr<engine::CompiledLayer> compiled,
      engine::CompiledLayer::Create(loaded.layer, loading::CompileOptionsOf(loaded.serving)));
  auto live = std::make_shared<registry::LiveVersion>();
  live->name = name;
  live->version = version;
  live->version_text = absl::StrCat(version);
  live->layer = std::move(loaded.layer);
  live->serving = loaded.serving;
  live->checksums = std::move(loaded.checksums);
  live->handle = std::make_shared<batching::LayerHandle>(std::move(compiled), nullptr);
  return live;
}

std::vector<std::string> Warnings(const Draft& draft, const layer::Conv1D& layer,
                                  const repository::ServingConfig& serving) {
  std::vector<std::string> warnings;
  const Conv1DConfig& config = layer.config();
  if (engine::NeedsDirect(layer)) {
    warnings.emplace_back(
        "runs without oneDNN, which is slower: it computes in float64, or its window is very long");
  }
  if (const auto& losses = layer.variables().losses; !losses.ok()) {
    warnings.push_back(absl::StrCat("losses: ", losses.status().message()));
  }
  if (draft.weights == nullptr) return warnings;
  const absl::StatusOr<Conv1DWeights> weights = ReadWeights(draft.weights, config);
  if (!weights.ok()) return warnings;
  const layer::DType variable_dtype = config.dtype_policy.variable_dtype;
  WarnOfTensor(layer::kKernelName, weights->kernel, variable_dtype, warnings);
  if (weights->bias.has_value()) {
    WarnOfTensor(layer::kBiasName, *weights->bias, variable_dtype, warnings);
  }
  const absl::Status constraints = layer::CheckConstraints(config, *weights);
  if (!constraints.ok() && serving.constraints == repository::Constraints::kIgnore) {
    warnings.push_back(absl::StrCat(constraints.message(), "; the weights are served as they are"));
  }
  return warnings;
}

}  // namespace convoy::management
