#include "kernel/keras/argument_checks.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/integers.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

std::string TypeText(const json& value) {
  return absl::StrCat("<class '", std::string(PythonTypeName(value)), "'>");
}

// Python counts True as 1.
bool IsInt(const json& value) { return value.is_number_integer() || value.is_boolean(); }

// Refuses an integer beyond 64 signed bits.
absl::Status CheckFits(std::string_view argument, const json& value) {
  if (!value.is_number_integer() || Int64Of(value).has_value()) return absl::OkStatus();
  return Invalid(absl::StrCat("Invalid value for argument `", std::string(argument),
                              "`. Expected a number below 2^63. Received ", std::string(argument),
                              "=", PythonRepr(value), "."));
}

// A JSON integer in range, True as 1. REQUIRES: IsInt(value).
absl::StatusOr<int64_t> ToInt64(std::string_view argument, const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  CONVOY_RETURN_IF_ERROR(CheckFits(argument, value));
  return value.get<int64_t>();
}

// int(value) of Python succeeds.
bool ConvertsToInt(const json& value) {
  if (value.is_number() || value.is_boolean()) return true;
  if (!value.is_string()) return false;
  int64_t number = 0;
  const std::string text = value.get<std::string>();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

absl::Status NotComparable(const json& value) {
  return Invalid(absl::StrCat("'<=' not supported between instances of '",
                              std::string(PythonTypeName(value)), "' and 'int'"));
}

// What tuple(value) of Python has as its only element, or an error.
absl::StatusOr<json> OnlyElement(const json& value, const std::string& message) {
  if (value.is_array() && value.size() == 1) return value[0];
  if (value.is_object() && value.size() == 1) return json(value.begin().key());
  if (value.is_string() && value.get_ref<const std::string&>().size() == 1) return value;
  return Invalid(message);
}

}  // namespace

absl::StatusOr<std::string> CheckName(const json& value) {
  if (value.is_null()) return "conv1d";
  constexpr size_t kLongestName = 1024;  // it stands in messages to callers
  if (value.is_string() && value.get_ref<const std::string&>().find('/') == std::string::npos) {
    const auto name = value.get<std::string>();
    if (name.size() <= kLongestName) return name;
    return Invalid(absl::StrCat("Argument `name`: expected at most ", kLongestName, " bytes, got ",
                                name.size(), "."));
  }
  return Invalid(
      absl::StrCat("Argument `name` must be a string and cannot contain character `/`. Received: ",
                   "name=", PythonStr(value), " (of type ", TypeText(value), ")"));
}

absl::StatusOr<bool> CheckTrainable(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  return Invalid(absl::StrCat("Expected `trainable` to be a boolean. Received: trainable=",
                              PythonStr(value), " (of type ", TypeText(value), ")"));
}

absl::StatusOr<int64_t> CheckTuple(std::string_view argument, const json& value) {
  const std::string name(argument);
  std::string message = absl::StrCat("The `", name, "` argument must be a tuple of 1 integers. ",
                                     "Received ", name, "=", PythonStr(value));
  json element = value;
  if (!IsInt(value)) {
    CONVOY_ASSIGN_OR_RETURN(element, OnlyElement(value, message));
    if (!ConvertsToInt(element)) {
      return Invalid(absl::StrCat(message, "including element ", PythonStr(element), " of type ",
                                  TypeText(element)));
    }
    if (element.is_string()) return NotComparable(element);
  }
  if (element.is_boolean() ? !element.get<bool>() : element.get<double>() <= 0) {
    return Invalid(absl::StrCat(message, ", including values {", PythonRepr(element),
                                "} that do not satisfy `value > 0`"));
  }
  if (element.is_number_float()) return 1;
  return ToInt64(argument, element);
}

absl::StatusOr<layer::Padding> CheckPadding(const json& value) {
  if (value.is_array()) return layer::Padding{.mode = layer::PaddingMode::kExplicit};
  const std::string name = absl::AsciiStrToLower(PythonStr(value));
  if (value.is_string()) {
    if (name == "valid") return layer::Padding{.mode = layer::PaddingMode::kValid};
    if (name == "same") return layer::Padding{.mode = layer::PaddingMode::kSame};
    if (name == "causal") return layer::Padding{.mode = layer::PaddingMode::kCausal};
  }
  return Invalid(absl::StrCat(
      "The `padding` argument must be a list/tuple or one of ",
      "{'valid', 'same', 'causal'}. Received: ", value.is_string() ? name : PythonStr(value)));
}

absl::StatusOr<layer::Padding> CheckExplicitPadding(const json& value) {
  const auto is_count = [](const json& side) {
    return side.is_number_integer() && (side.is_number_unsigned() || side.get<int64_t>() >= 0);
  };
  if (value.size() != 2 || !is_count(value[0]) || !is_count(value[1])) {
    return Invalid(absl::StrCat("`padding` must be either `'valid'` or `'same'`, or the zeros ",
                                "before and after the sequence as [left, right]. Received ",
                                PythonRepr(value), "."));
  }
  layer::Padding padding{.mode = layer::PaddingMode::kExplicit};
  CONVOY_ASSIGN_OR_RETURN(padding.left, ToInt64("padding", value[0]));
  CONVOY_ASSIGN_OR_RETURN(padding.right, ToInt64("padding", value[1]));
  // Any input of such a layer has an answer of gigabytes.
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (padding.left > kMost || padding.right > kMost) {
    return Invalid(absl::StrCat("`padding`: expected at most 2^31 - 1 zeros on a side. Received ",
                                PythonRepr(value), "."));
  }
  return padding;
}

absl::StatusOr<layer::DataFormat> CheckDataFormat(const json& value) {
  if (value.is_null()) return layer::DataFormat::kChannelsLast;
  const std::string name = absl::AsciiStrToLower(PythonStr(value));
  if (name == "channels_last") return layer::DataFormat::kChannelsLast;
  if (name == "channels_first") return layer::DataFormat::kChannelsFirst;
  return Invalid(absl::StrCat("The `data_format` argument must be one of {'channels_first', ",
                              "'channels_last'}. Received: data_format=", name));
}

absl::Status CheckFiltersAndGroups(const json& filters, const json& groups) {
  const auto comparable = [](const json& value) { return value.is_number() || IsInt(value); };
  const auto number = [](const json& value) {
    return value.is_boolean() ? static_cast<double>(value.get<bool>()) : value.get<double>();
  };
  if (!filters.is_null()) {
    if (!comparable(filters)) return NotComparable(filters);
    if (number(filters) <= 0) {
      return Invalid(absl::StrCat("Invalid value for argument `filters`. Expected a strictly ",
                                  "positive value. Received filters=", PythonStr(filters), "."));
    }
  }
  if (!comparable(groups)) return NotComparable(groups);
  if (number(groups) <= 0) {
    return Invalid(absl::StrCat("The number of groups must be a positive integer. ",
                                "Received: groups=", PythonStr(groups), "."));
  }
  // Before anything is divided: as 64 signed bits 2^64 - 1 is -1.
  CONVOY_RETURN_IF_ERROR(CheckFits("filters", filters));
  CONVOY_RETURN_IF_ERROR(CheckFits("groups", groups));
  const bool divisible =
      filters.is_null() || (filters.is_number_integer() && groups.is_number_integer()
                                ? filters.get<int64_t>() % groups.get<int64_t>() == 0
                                : std::fmod(number(filters), number(groups)) == 0);
  if (divisible) return absl::OkStatus();
  return Invalid(absl::StrCat("The number of filters must be evenly divisible by the number of ",
                              "groups. Received: groups=", PythonStr(groups),
                              ", filters=", PythonStr(filters), "."));
}

absl::StatusOr<int64_t> CheckIntegerSize(std::string_view argument, const json& value) {
  if (value.is_array() && value.size() == 1) return CheckIntegerSize(argument, value[0]);
  if (value.is_null()) {
    return Invalid(absl::StrCat("Shapes used to initialize variables must be fully-defined (no ",
                                "`None` dimensions). Received ", std::string(argument), "=None."));
  }
  if (!IsInt(value)) {
    return Invalid(absl::StrCat("Cannot convert ", std::string(argument), "=", PythonRepr(value),
                                " to a shape. Found invalid dimension '", PythonStr(value),
                                "' of type '", TypeText(value), "'."));
  }
  return ToInt64(argument, value);
}

bool PythonTruth(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

}  // namespace convoy::keras
