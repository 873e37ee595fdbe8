#include "server/rpc/repository_methods.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "inference/grpc_predict_v2.pb.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/inference_methods.h"
#include "server/rpc/quoted.h"
#include "server/rpc/threaded_unary.h"

namespace convoy::rpc {
namespace {

using inference::ModelRepositoryParameter;

constexpr char kConfigParameter[] = "config";

// Parameters that bring a file, and what it is called in the repository.
constexpr struct {
  const char* parameter;
  const char* file;
} kFiles[] = {{"file:1/weights.safetensors", "weights.safetensors"},
              {"file:1/serving.json", "serving.json"}};

const char* FileOf(const std::string& parameter) {
  for (const auto& [name, file] : kFiles) {
    if (parameter == name) return file;
  }
  return nullptr;
}

absl::Status WrongKind(const std::string& name, const char* expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameters.", name, ": expected a ", expected, ", got another kind"));
}

absl::Status CheckRepository(const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("repository_name: expected \"\", the only repository, got ", Quoted(name)));
}

absl::Status CheckManaged(const LayerControl* control) {
  if (control != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "layers are loaded and unloaded for callers only by a server that runs with "
      "--repository-mode managed");
}

// The files of a layer that the parameters bring; none if there are no parameters.
absl::StatusOr<absl::btree_map<std::string, std::string_view>> FilesOf(
    const inference::RepositoryModelLoadRequest& request) {
  absl::btree_map<std::string, std::string_view> files;
  for (const auto& [name, parameter] : request.parameters()) {
    if (name == kConfigParameter) {
      if (!parameter.has_string_param()) return WrongKind(name, "string_param");
      files.emplace("config.json", parameter.string_param());
    } else if (const char* const file = FileOf(name); file != nullptr) {
      if (!parameter.has_bytes_param()) return WrongKind(name, "bytes_param");
      files.emplace(file, parameter.bytes_param());
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("parameters: expected config, file:1/weights.safetensors or "
                       "file:1/serving.json, got ",
                       Quoted(name)));
    }
  }
  if (!files.empty() && !files.contains("config.json")) {
    return absl::InvalidArgumentError(
        "parameters: expected a config beside files, which replace the layer's folder as a whole, "
        "got none");
  }
  return files;
}

absl::StatusOr<inference::RepositoryModelLoadResponse> Load(
    LayerControl* control, const inference::RepositoryModelLoadRequest& request) {
  CONVOY_RETURN_IF_ERROR(CheckManaged(control));
  CONVOY_RETURN_IF_ERROR(CheckRepository(request.repository_name()));
  CONVOY_ASSIGN_OR_RETURN(auto files, FilesOf(request));
  CONVOY_RETURN_IF_ERROR(files.empty() ? control->Load(request.model_name())
                                       : control->Give(request.model_name(), std::move(files)));
  return inference::RepositoryModelLoadResponse();
}

absl::StatusOr<inference::RepositoryModelUnloadResponse> Unload(
    LayerControl* control, const inference::RepositoryModelUnloadRequest& request) {
  CONVOY_RETURN_IF_ERROR(CheckManaged(control));
  CONVOY_RETURN_IF_ERROR(CheckRepository(request.repository_name()));
  for (const auto& [name, parameter] : request.parameters()) {
    if (name != "unload_dependents") {
      return absl::InvalidArgumentError(
          absl::StrCat("parameters: expected unload_dependents, got ", Quoted(name)));
    }
    if (!parameter.has_bool_param()) return WrongKind(name, "bool_param");
  }
  CONVOY_RETURN_IF_ERROR(control->Unload(request.model_name()));
  return inference::RepositoryModelUnloadResponse();
}

}  // namespace

void AddRepositoryMethods(const RepositoryMethodsParts& parts, MethodTable& table) {
  LayerControl* const control = parts.control;
  AddThreadedUnary<inference::RepositoryModelLoadRequest, inference::RepositoryModelLoadResponse>(
      table, MethodPath(kInferenceService, "RepositoryModelLoad"), parts.threads,
      [control](auto& request) { return Load(control, request); }, parts.max_bytes);
  AddThreadedUnary<inference::RepositoryModelUnloadRequest,
                   inference::RepositoryModelUnloadResponse>(
      table, MethodPath(kInferenceService, "RepositoryModelUnload"), parts.threads,
      [control](auto& request) { return Unload(control, request); });
}

}  // namespace convoy::rpc
