#include "kernel/keras/keras_arguments.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "kernel/keras/integers.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {

using nlohmann::json;

json KerasArguments::Take(const char* name, json fallback) {
  const auto found = config_.find(name);
  if (found != config_.end()) {
    fallback = std::move(*found);
    config_.erase(found);
  }
  taken_[name] = fallback;
  return fallback;
}

double KerasArguments::TakeNumber(const char* name, double fallback) {
  const json value = Take(name, fallback);
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  Refuse(name, "a number", value);
  return fallback;
}

std::string KerasArguments::TakeString(const char* name, std::string fallback) {
  const json value = Take(name, fallback);
  if (value.is_string()) return value.get<std::string>();
  Refuse(name, "a string", value);
  return fallback;
}

std::vector<int64_t> KerasArguments::TakeIntegers(const char* name,
                                                  const std::vector<int64_t>& fallback) {
  json value = Take(name, fallback);
  if (value.is_null()) return {};
  if (value.is_number_integer()) value = json::array({value});
  std::vector<int64_t> integers;
  for (const json& element : value) {
    const std::optional<int64_t> integer = Int64Of(element);
    if (integer.has_value()) integers.push_back(*integer);
  }
  if (!value.is_array() || integers.size() != value.size()) {
    Refuse(name, "an integer or a list of integers", value);
  }
  return integers;
}

absl::Status KerasArguments::Finish() const {
  if (!status_.ok() || config_.empty()) return status_;
  return absl::InvalidArgumentError(absl::StrCat(
      class_name_, ".__init__() got an unexpected keyword argument '", config_.begin().key(), "'"));
}

void KerasArguments::Refuse(const char* name, std::string_view expected, const json& got) {
  Fail(absl::InvalidArgumentError(absl::StrCat(class_name_, ": expected ", std::string(expected),
                                               " as `", name, "`. Received: ", name, "=",
                                               PythonStr(got))));
}

}  // namespace convoy::keras
