#include "server/rpc/infer_parameters.h"

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/tensor_names.h"

namespace convoy::rpc {
namespace {

using inference::InferParameter;

const char* KindOf(const InferParameter& parameter) {
  switch (parameter.parameter_choice_case()) {
    case InferParameter::kBoolParam:
      return "bool_param";
    case InferParameter::kInt64Param:
      return "int64_param";
    case InferParameter::kStringParam:
      return "string_param";
    case InferParameter::kDoubleParam:
      return "double_param";
    case InferParameter::kUint64Param:
      return "uint64_param";
    case InferParameter::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  return "no value";
}

absl::Status ReadBool(const ParameterMap& parameters, const char* name, bool& value) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return absl::OkStatus();
  if (!found->second.has_bool_param()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters.", name, ": expected a bool_param, got ", KindOf(found->second)));
  }
  value = found->second.bool_param();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InferParameters> ReadInferParameters(const inference::ModelInferRequest& message) {
  InferParameters read;
  if (message.parameters().empty()) return read;
  CONVOY_RETURN_IF_ERROR(
      ReadBool(message.parameters(), kActivityLossParameter, read.activity_loss));
  return read;
}

absl::Status RefuseParameters(const char* field, const ParameterMap& parameters,
                              std::initializer_list<const char*> unsupported) {
  if (parameters.empty()) return absl::OkStatus();
  for (const char* name : unsupported) {
    if (parameters.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat(field, ".parameters: expected no ", name,
                                                     ", which this server does not support"));
    }
  }
  return absl::OkStatus();
}

}  // namespace convoy::rpc
