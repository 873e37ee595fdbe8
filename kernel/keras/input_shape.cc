#include "kernel/keras/input_shape.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/keras/integers.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

// Takes `key` out of `config`; null when it is not there.
json Extract(json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end()) return nullptr;
  json value = std::move(*found);
  config.erase(found);
  return value;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ParseInputShape(std::string_view where, const json& shape) {
  std::vector<int64_t> dimensions;
  if (shape.is_null()) return dimensions;
  bool valid = shape.is_array() && shape.size() == 3;
  for (const json& dimension : shape) {
    const std::optional<int64_t> size = dimension.is_null() ? -1 : Int64Of(dimension);
    valid = valid && size.has_value() && (dimension.is_null() || *size >= 0);
    if (valid) dimensions.push_back(*size);
  }
  if (valid) return dimensions;
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(where), ": expected three dimensions, each a number or null, got ",
                   PythonRepr(shape), "."));
}

absl::StatusOr<std::vector<int64_t>> TakeKeras2InputShape(json& config) {
  const json batch_input_shape = Extract(config, "batch_input_shape");
  const json batch_shape = Extract(config, "batch_shape");
  const json input_shape = Extract(config, "input_shape");
  const json batch_size = Extract(config, "batch_size");
  const json input_dim = Extract(config, "input_dim");
  const json input_length = Extract(config, "input_length");
  if (!batch_input_shape.is_null()) return ParseInputShape("batch_input_shape", batch_input_shape);
  if (!batch_shape.is_null()) return ParseInputShape("batch_shape", batch_shape);
  if (!input_shape.is_null()) {
    json shape = json::array({batch_size});
    if (input_shape.is_array()) shape.insert(shape.end(), input_shape.begin(), input_shape.end());
    return ParseInputShape("input_shape", shape);
  }
  if (input_dim.is_null()) return std::vector<int64_t>();
  return ParseInputShape("input_length and input_dim", {nullptr, input_length, input_dim});
}

}  // namespace convoy::keras
