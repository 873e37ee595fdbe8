#include "server/rpc/model_metadata.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "kernel/keras/layer_json.h"
#include "kernel/keras/losses_json.h"
#include "kernel/layer/tensor_spec.h"
#include "server/rpc/tensor_names.h"

namespace convoy::rpc {
namespace {

using inference::ModelMetadataResponse;
using layer::Conv1D;
using layer::Conv1DConfig;
using layer::DataFormat;

constexpr char kPlatform[] = "convoy_conv1d";

void FillTensor(const char* name, const layer::TensorSpec& spec,
                google::protobuf::RepeatedPtrField<ModelMetadataResponse::TensorMetadata>& list) {
  ModelMetadataResponse::TensorMetadata& tensor = *list.Add();
  const std::string_view datatype = layer::ProtocolName(spec.dtype);
  tensor.set_name(name);
  tensor.set_datatype(datatype.data(), datatype.size());
  tensor.mutable_shape()->Assign(spec.shape.begin(), spec.shape.end());
}

std::string PaddingText(const layer::Padding& padding) {
  switch (padding.mode) {
    case layer::PaddingMode::kValid:
      return "valid";
    case layer::PaddingMode::kSame:
      return "same";
    case layer::PaddingMode::kCausal:
      return "causal";
    case layer::PaddingMode::kExplicit:
      break;
  }
  return absl::StrCat("[", padding.left, ", ", padding.right, "]");
}

void AddModel(const std::string& name, const std::string& version, const char* state,
              std::string_view reason, inference::RepositoryIndexResponse& response) {
  inference::RepositoryIndexResponse::ModelIndex& model = *response.add_models();
  model.set_name(name);
  model.set_version(version);
  model.set_state(state);
  model.set_reason(reason.data(), reason.size());
}

}  // namespace

void FillModelMetadata(const registry::LiveVersion& live, ModelMetadataResponse& response) {
  const Conv1D& layer = *live.layer;
  const Conv1DConfig& config = layer.config();
  response.set_name(live.name);
  response.set_platform(kPlatform);
  FillTensor(kInputName, layer::InputSpec(layer), *response.mutable_inputs());
  FillTensor(kOutputName, layer::OutputSpec(layer), *response.mutable_outputs());

  auto& properties = *response.mutable_properties();
  properties["version"] = live.version_text;
  properties["filters"] = absl::StrCat(config.filters);
  properties["kernel_size"] = absl::StrCat(config.window.kernel_size);
  properties["strides"] = absl::StrCat(config.window.strides);
  properties["padding"] = PaddingText(config.window.padding);
  properties["data_format"] =
      config.data_format == DataFormat::kChannelsLast ? "channels_last" : "channels_first";
  properties["dilation_rate"] = absl::StrCat(config.window.dilation_rate);
  properties["groups"] = absl::StrCat(config.groups);
  properties["activation"] = std::string(layer::ActivationName(config.activation));
  properties["use_bias"] = config.use_bias ? "true" : "false";
  properties["dtype"] = std::string(config.dtype_policy.name());
  properties["variable_dtype"] = std::string(layer::KerasName(config.dtype_policy.variable_dtype));
  properties["compute_dtype"] = std::string(layer::KerasName(layer.compute_dtype()));
  properties["input_channels"] = absl::StrCat(layer.input_channels());
  properties["output_channels"] = absl::StrCat(layer.output_channels());
  properties["count_params"] = absl::StrCat(layer.variables().count_params);
  properties["losses"] = keras::ToJson(layer.variables().losses).dump();
  properties["keras_config"] = keras::LayerText(config);
}

void FillRepositoryIndex(const registry::Snapshot& snapshot, bool server_ready, bool ready_only,
                         inference::RepositoryIndexResponse& response) {
  for (const registry::LiveLayer& layer : snapshot.layers()) {
    if (!ready_only) {
      for (const absl::Status& error : layer.errors) {
        const absl::string_view reason = error.message();
        AddModel(layer.name, "", "UNAVAILABLE", {reason.data(), reason.size()}, response);
      }
    }
    if (ready_only && !server_ready) continue;
    for (auto version = layer.versions.rbegin(); version != layer.versions.rend(); ++version) {
      AddModel(layer.name, (*version)->version_text, server_ready ? "READY" : "UNAVAILABLE",
               server_ready ? "" : "the server is starting or draining", response);
    }
  }
}

}  // namespace convoy::rpc
