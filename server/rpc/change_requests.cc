#include "server/rpc/change_requests.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/dtype.h"
#include "server/rpc/quoted.h"

namespace convoy::rpc {
namespace {

using convoy::v1::ServingOptions;
using management::LayerEdit;
using management::ServingPatch;
using management::ServingValue;
using management::WeightsSource;

constexpr std::string_view kServing = "serving.";

absl::StatusOr<layer::Tensor> TakeTensor(const std::string& field,
                                         convoy::v1::NamedTensor& message) {
  layer::Tensor tensor;
  const std::optional<layer::DType> dtype = layer::FromProtocolName(message.datatype());
  if (!dtype.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ".datatype: expected FP64, FP32, FP16 or BF16, got ", Quoted(message.datatype())));
  }
  tensor.dtype = *dtype;
  tensor.shape.assign(message.shape().begin(), message.shape().end());
  std::optional<int64_t> bytes = layer::SizeOf(*dtype);
  for (const int64_t size : tensor.shape) {
    if (bytes.has_value()) bytes = size < 0 ? std::nullopt : layer::CheckedMultiply(*bytes, size);
  }
  if (!bytes.has_value() || *bytes != static_cast<int64_t>(message.data().size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ".data: expected the bytes of its shape and datatype, ",
                     bytes.has_value() ? absl::StrCat(*bytes) : std::string("a shape of 64 bits"),
                     ", got ", message.data().size()));
  }
  tensor.data.resize(message.data().size());
  std::memcpy(tensor.data.data(), message.data().data(), tensor.data.size());
  message.clear_data();
  return tensor;
}

absl::StatusOr<WeightsSource> TakeTensors(convoy::v1::Tensors& message) {
  repository::TensorMap tensors;
  for (int i = 0; i < message.tensors_size(); ++i) {
    const std::string field = absl::StrCat("weights.tensors[", i, "]");
    convoy::v1::NamedTensor& named = *message.mutable_tensors(i);
    const auto [place, added] = tensors.try_emplace(named.name());
    if (!added || named.name().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, ".name: expected a name of its own, got ", Quoted(named.name())));
    }
    CONVOY_ASSIGN_OR_RETURN(place->second, TakeTensor(field, named));
  }
  return WeightsSource(std::move(tensors));
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// None if there is none.
absl::StatusOr<WeightsSource> TakeSource(convoy::v1::Weights& message) {
  using convoy::v1::Weights;
  switch (message.source_case()) {
    case Weights::kSafetensors:
      return WeightsSource(
          std::make_shared<const std::string>(std::move(*message.mutable_safetensors())));
    case Weights::kTensors:
      return TakeTensors(*message.mutable_tensors());
    case Weights::kUploadedSha256:
      if (!IsSha256(message.uploaded_sha256())) {
        return absl::InvalidArgumentError(absl::StrCat(
            "weights.uploaded_sha256: expected 64 hexadecimal digits in lower case, got ",
            Quoted(message.uploaded_sha256())));
      }
      return WeightsSource(management::UploadedWeights{message.uploaded_sha256()});
    case Weights::kInitialize:
      return WeightsSource(management::InitializedWeights{message.initialize().seed(),
                                                          message.initialize().input_channels()});
    case Weights::SOURCE_NOT_SET:
      break;
  }
  return WeightsSource();
}

absl::StatusOr<repository::Constraints> ConstraintsOf(convoy::v1::WeightConstraints constraints) {
  switch (constraints) {
    case convoy::v1::WEIGHT_CONSTRAINTS_UNSPECIFIED:
    case convoy::v1::IGNORE:
      return repository::Constraints::kIgnore;
    case convoy::v1::APPLY:
      return repository::Constraints::kApply;
    case convoy::v1::REFUSE:
      return repository::Constraints::kRefuse;
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          "constraints: expected IGNORE, APPLY or REFUSE, got ", static_cast<int>(constraints)));
  }
}

absl::StatusOr<management::LoraEdit> TakeLora(convoy::v1::Lora& message) {
  management::LoraEdit lora;
  lora.rank = message.rank();
  if (lora.rank < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("lora.rank: expected a positive number, got ", lora.rank));
  }
  if (message.has_alpha()) lora.alpha = message.alpha();
  if (message.has_initializers()) {
    lora.a_initializer = message.initializers().a();
    lora.b_initializer = message.initializers().b();
  } else if (message.has_variables()) {
    CONVOY_ASSIGN_OR_RETURN(
        lora.a, TakeTensor("lora.variables.a", *message.mutable_variables()->mutable_a()));
    CONVOY_ASSIGN_OR_RETURN(
        lora.b, TakeTensor("lora.variables.b", *message.mutable_variables()->mutable_b()));
  }
  return lora;
}

// Every key of serving.json that can be changed, and its value where it is there.
ServingPatch AllServing(const ServingOptions& options) {
  const auto value = [](bool there, auto given) {
    return there ? std::optional<ServingValue>(given) : std::nullopt;
  };
  return {
      {"live_versions", value(options.has_live_versions(), options.live_versions())},
      {"constraints", value(options.has_constraints(), options.constraints())},
      {"deterministic", value(options.has_deterministic(), options.deterministic())},
      {"algorithm", value(options.has_algorithm(), options.algorithm())},
      {"max_queue_delay_microseconds",
       value(options.has_max_queue_delay_microseconds(), options.max_queue_delay_microseconds())},
      {"max_batch_requests", value(options.has_max_batch_requests(), options.max_batch_requests())},
      {"max_batch_bytes", value(options.has_max_batch_bytes(), options.max_batch_bytes())}};
}

ServingPatch GivenServing(const ServingOptions& options) {
  ServingPatch patch = AllServing(options);
  std::erase_if(patch, [](const auto& entry) { return !entry.second.has_value(); });
  return patch;
}

absl::Status TakeConfig(convoy::v1::Layer& layer, LayerEdit& edit) {
  if (layer.config().empty()) {
    return absl::InvalidArgumentError(
        "layer.config: expected a Keras layer as JSON text, got none");
  }
  edit.config = std::move(*layer.mutable_config());
  return absl::OkStatus();
}

absl::Status TakePath(const std::string& path, convoy::v1::Layer& layer, LayerEdit& edit) {
  const ServingPatch all = AllServing(layer.serving());
  if (path == "serving" || path == "*") {
    edit.replace_serving = true;
    edit.serving.merge(GivenServing(layer.serving()));
  }
  if (path == "config" || (path == "*" && !edit.config.has_value())) return TakeConfig(layer, edit);
  if (path == "serving" || path == "*") return absl::OkStatus();
  const std::string key = path.starts_with(kServing) ? path.substr(kServing.size()) : "";
  const auto option = all.find(key);
  if (option == all.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "update_mask: expected config, serving, serving.KEY or *, got ", Quoted(path)));
  }
  edit.serving[key] = option->second;
  return absl::OkStatus();
}

absl::Status TakeMasked(convoy::v1::UpdateLayerRequest& request, LayerEdit& edit) {
  convoy::v1::Layer& layer = *request.mutable_layer();
  for (const std::string& path : request.update_mask().paths()) {
    // Named twice, it was taken already.
    if (path == "config" && edit.config.has_value()) continue;
    CONVOY_RETURN_IF_ERROR(TakePath(path, layer, edit));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LayerEdit> TakeEdit(convoy::v1::CreateLayerRequest& request) {
  LayerEdit edit;
  CONVOY_RETURN_IF_ERROR(TakeConfig(*request.mutable_layer(), edit));
  edit.serving = GivenServing(request.layer().serving());
  CONVOY_ASSIGN_OR_RETURN(edit.weights, TakeSource(*request.mutable_weights()));
  CONVOY_ASSIGN_OR_RETURN(edit.constraints, ConstraintsOf(request.constraints()));
  return edit;
}

absl::StatusOr<LayerEdit> TakeEdit(convoy::v1::UpdateLayerRequest& request) {
  LayerEdit edit;
  if (request.update_mask().paths().empty()) {
    if (!request.layer().config().empty())
      edit.config = std::move(*request.mutable_layer()->mutable_config());
    edit.serving = GivenServing(request.layer().serving());
  } else {
    CONVOY_RETURN_IF_ERROR(TakeMasked(request, edit));
  }
  CONVOY_ASSIGN_OR_RETURN(edit.weights, TakeSource(*request.mutable_weights()));
  CONVOY_ASSIGN_OR_RETURN(edit.constraints, ConstraintsOf(request.constraints()));
  if (request.has_lora()) {
    CONVOY_ASSIGN_OR_RETURN(edit.lora, TakeLora(*request.mutable_lora()));
  }
  const bool nothing = !edit.config.has_value() && edit.serving.empty() && !edit.replace_serving &&
                       std::holds_alternative<std::monostate>(edit.weights) &&
                       !edit.lora.has_value() &&
                       edit.constraints == repository::Constraints::kIgnore;
  if (!nothing) return edit;
  return absl::InvalidArgumentError(
      "layer: expected something to change (config, serving, weights, constraints or lora), got "
      "nothing");
}

absl::StatusOr<LayerEdit> TakeEdit(convoy::v1::SetWeightsRequest& request) {
  LayerEdit edit;
  CONVOY_ASSIGN_OR_RETURN(edit.weights, TakeSource(*request.mutable_weights()));
  CONVOY_ASSIGN_OR_RETURN(edit.constraints, ConstraintsOf(request.constraints()));
  if (!std::holds_alternative<std::monostate>(edit.weights)) return edit;
  return absl::InvalidArgumentError(
      "weights: expected one of safetensors, tensors, uploaded_sha256 and initialize, got none");
}

}  // namespace convoy::rpc
