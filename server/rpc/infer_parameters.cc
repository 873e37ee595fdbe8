#include "server/rpc/infer_parameters.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/protocol_names.h"
#include "server/rpc/quoted.h"

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

absl::StatusOr<std::string_view> ReadText(const ParameterMap& parameters, const char* name) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return std::string_view();
  if (!found->second.has_string_param() || found->second.string_param().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters.", name, ": expected a string_param that is not empty, got ",
                     found->second.has_string_param() ? "an empty one" : KindOf(found->second)));
  }
  return found->second.string_param();
}

// A whole number of at least 0, in either of the protocol's forms; nothing when
// the parameter is absent.
absl::StatusOr<std::optional<uint64_t>> ReadWhole(const ParameterMap& parameters,
                                                  const char* name) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return std::nullopt;
  const InferParameter& parameter = found->second;
  if (parameter.has_uint64_param()) return parameter.uint64_param();
  const bool whole = parameter.has_int64_param();
  if (whole && parameter.int64_param() >= 0) return static_cast<uint64_t>(parameter.int64_param());
  const std::string got = whole ? absl::StrCat(parameter.int64_param()) : KindOf(parameter);
  return absl::InvalidArgumentError(absl::StrCat(
      "parameters.", name, ": expected an int64_param or uint64_param of at least 0, got ", got));
}

// The protocol counts levels from 1, and 0 is the default one.
absl::StatusOr<int> LevelOf(uint64_t priority) {
  if (priority == 0) return batching::kDefaultPriority;
  if (priority <= batching::kPriorityLevels) return static_cast<int>(priority) - 1;
  return absl::InvalidArgumentError(absl::StrCat("parameters.", kPriorityParameter,
                                                 ": expected 0 to ", batching::kPriorityLevels,
                                                 ", got ", priority));
}

// Hundreds of years are as good as for ever.
std::chrono::microseconds TimeoutOf(uint64_t timeout) {
  constexpr uint64_t kMost = uint64_t{1} << 52;
  if (timeout == 0 || timeout > kMost) return std::chrono::microseconds::max();
  return std::chrono::microseconds(timeout);
}

// Not what a client's library sends for "none".
bool HasValue(const InferParameter& parameter) {
  switch (parameter.parameter_choice_case()) {
    case InferParameter::kBoolParam:
      return parameter.bool_param();
    case InferParameter::kInt64Param:
      return parameter.int64_param() != 0;
    case InferParameter::kUint64Param:
      return parameter.uint64_param() != 0;
    case InferParameter::kStringParam:
      return !parameter.string_param().empty();
    case InferParameter::kDoubleParam:
      return true;
    case InferParameter::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  return false;
}

absl::Status ReadOutputDType(const ParameterMap& parameters, std::optional<layer::DType>& dtype) {
  const auto found = parameters.find(kOutputDatatypeParameter);
  if (found == parameters.end()) return absl::OkStatus();
  const InferParameter& parameter = found->second;
  if (parameter.has_string_param()) {
    dtype = layer::FromProtocolName(parameter.string_param());
    if (dtype == layer::DType::kFloat16 || dtype == layer::DType::kBfloat16) {
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "parameters.", kOutputDatatypeParameter,
      ": expected a string_param, \"FP16\" or \"BF16\", got ",
      parameter.has_string_param() ? Quoted(parameter.string_param()) : KindOf(parameter)));
}

// Whether the server knows a name with its own prefix, or one of Triton's.
bool IsServed(std::string_view name) {
  // The first is about streams alone; Triton's C++ client sends it with every request.
  for (const std::string_view served :
       {std::string_view("triton_enable_empty_final_response"),
        std::string_view(kOutputDatatypeParameter), std::string_view(kConvolutionOnlyParameter),
        std::string_view(kTimingParameter), std::string_view(kChecksumParameter)}) {
    if (name == served) return true;
  }
  return false;
}

// Those that ask for something that would not be done. Others are hints.
absl::Status RefuseUnserved(const ParameterMap& parameters) {
  for (const char* name : {"sequence_id", "sequence_start", "sequence_end"}) {
    const auto found = parameters.find(name);
    if (found != parameters.end() && HasValue(found->second)) {
      return absl::InvalidArgumentError(
          absl::StrCat("parameters.", name, ": expected none, sequences are not served, got one"));
    }
  }
  for (const auto& [name, value] : parameters) {
    if (IsServed(name)) continue;
    if (absl::StartsWith(name, "triton_") || absl::StartsWith(name, "convoy_")) {
      return absl::InvalidArgumentError(
          absl::StrCat("parameters: expected no name with the prefix triton_ or convoy_ that is "
                       "not served, got ",
                       Quoted(name)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InferParameters> ReadInferParameters(const inference::ModelInferRequest& message) {
  InferParameters read;
  const ParameterMap& parameters = message.parameters();
  if (parameters.empty()) return read;
  CONVOY_RETURN_IF_ERROR(RefuseUnserved(parameters));
  CONVOY_RETURN_IF_ERROR(ReadBool(parameters, kActivityLossParameter, read.activity_loss));
  CONVOY_RETURN_IF_ERROR(ReadBool(parameters, kTimingParameter, read.timing));
  CONVOY_ASSIGN_OR_RETURN(const auto priority, ReadWhole(parameters, kPriorityParameter));
  CONVOY_ASSIGN_OR_RETURN(read.priority, LevelOf(priority.value_or(0)));
  CONVOY_ASSIGN_OR_RETURN(const auto timeout, ReadWhole(parameters, kTimeoutParameter));
  read.timeout = TimeoutOf(timeout.value_or(0));
  CONVOY_RETURN_IF_ERROR(ReadOutputDType(parameters, read.output_dtype));
  CONVOY_RETURN_IF_ERROR(ReadBool(parameters, kConvolutionOnlyParameter, read.convolution_only));
  if (read.convolution_only && read.activity_loss) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters.", kActivityLossParameter, ": expected none beside ",
                     kConvolutionOnlyParameter, ", which gives no activity, got one"));
  }
  CONVOY_ASSIGN_OR_RETURN(read.checksum, ReadText(parameters, kChecksumParameter));
  return read;
}

absl::Status CheckChecksum(const InferParameters& parameters, std::string_view checksum) {
  if (parameters.checksum.empty() || parameters.checksum == checksum) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("parameters.", kChecksumParameter, ": expected ", std::string(checksum),
                   ", which answers now, got ", Quoted(parameters.checksum)));
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
