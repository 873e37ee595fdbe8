#include "server/rpc/model_metadata.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "kernel/layer/tensor_spec.h"
#include "server/base/protocol_names.h"

namespace convoy::rpc {
namespace {

using inference::ModelMetadataResponse;

constexpr char kBackend[] = "convoy";

// Sequences of a request. More fit into no message of the default size, and a client
// may keep memory for as many.
constexpr int32_t kMaxBatchSize = 1 << 16;

void FillTensor(const char* name, const layer::TensorSpec& spec,
                google::protobuf::RepeatedPtrField<ModelMetadataResponse::TensorMetadata>& list) {
  ModelMetadataResponse::TensorMetadata& tensor = *list.Add();
  const std::string_view datatype = layer::ProtocolName(spec.dtype);
  tensor.set_name(name);
  tensor.set_datatype(datatype.data(), datatype.size());
  tensor.mutable_shape()->Assign(spec.shape.begin(), spec.shape.end());
}

// Triton's name of a datatype is the protocol's with a prefix.
inference::DataType TritonType(layer::DType dtype) {
  inference::DataType type = inference::TYPE_INVALID;
  inference::DataType_Parse(absl::StrCat("TYPE_", std::string(layer::ProtocolName(dtype))), &type);
  return type;
}

template <typename Tensor>
void FillDims(const char* name, const layer::TensorSpec& spec, Tensor& tensor) {
  tensor.set_name(name);
  tensor.set_data_type(TritonType(spec.dtype));
  tensor.mutable_dims()->Assign(spec.shape.begin() + 1, spec.shape.end());
}

void AddModel(const std::string& name, const std::string& version, const char* state,
              std::string_view reason, inference::RepositoryIndexResponse& response) {
  inference::RepositoryIndexResponse::ModelIndex& model = *response.add_models();
  model.set_name(name);
  model.set_version(version);
  model.set_state(state);
  model.set_reason(reason.data(), reason.size());
}

// What of the layer cannot be called, and why.
void AddProblems(const registry::LiveLayer& layer, inference::RepositoryIndexResponse& response) {
  for (const absl::Status& problem : layer.incomplete) {
    const std::string reason = absl::StrCat("incomplete so far: ", problem.message());
    AddModel(layer.name, "", "UNAVAILABLE", reason, response);
  }
  for (const absl::Status& error : layer.errors) {
    const absl::string_view reason = error.message();
    AddModel(layer.name, "", "UNAVAILABLE", {reason.data(), reason.size()}, response);
  }
}

}  // namespace

void FillModelMetadata(const registry::LiveVersion& live, ModelMetadataResponse& response) {
  const layer::Conv1D& layer = *live.layer;
  response.set_name(live.name);
  response.set_platform(kPlatform);
  FillTensor(kInputName, layer::InputSpec(layer), *response.mutable_inputs());
  FillTensor(kOutputName, layer::OutputSpec(layer), *response.mutable_outputs());
}

void FillModelConfig(const registry::LiveVersion& live, inference::ModelConfig& config) {
  const layer::Conv1D& layer = *live.layer;
  config.set_name(live.name);
  config.set_platform(kPlatform);
  config.set_backend(kBackend);
  config.set_max_batch_size(kMaxBatchSize);
  FillDims(kInputName, layer::InputSpec(layer), *config.add_input());
  FillDims(kOutputName, layer::OutputSpec(layer), *config.add_output());
}

void FillRepositoryIndex(const registry::Snapshot& snapshot, bool draining, bool ready_only,
                         inference::RepositoryIndexResponse& response) {
  auto unloaded = snapshot.unloaded().begin();
  const auto add_unloaded = [&](const std::string* before) {
    for (; unloaded != snapshot.unloaded().end() && (before == nullptr || *unloaded < *before);
         ++unloaded) {
      if (!ready_only) AddModel(*unloaded, "", "UNAVAILABLE", "unloaded", response);
    }
  };
  for (const registry::LiveLayer& layer : snapshot.layers()) {
    add_unloaded(&layer.name);
    if (!ready_only) AddProblems(layer, response);
    if (ready_only && draining) continue;
    for (auto version = layer.versions.rbegin(); version != layer.versions.rend(); ++version) {
      AddModel(layer.name, (*version)->version_text, draining ? "UNAVAILABLE" : "READY",
               draining      ? "the server is draining"
               : layer.given ? "loaded from a request; its folder is not looked at"
                             : "",
               response);
    }
  }
  add_unloaded(nullptr);
}

}  // namespace convoy::rpc
