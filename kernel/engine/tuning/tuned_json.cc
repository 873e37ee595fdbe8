#include "kernel/engine/tuning/tuned_json.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/json_text.h"
#include "kernel/base/status_macros.h"

namespace convoy::engine {
namespace {

using Json = nlohmann::ordered_json;

// Calls visit(name, field) for every field of a Statement. The structured binding
// does not compile where a field is missing here: none is lost on its way.
template <typename Statement, typename Visit>
void ForEachField(Statement& statement, Visit visit) {
  auto& [spatial_dimensions, implementation, fold, bfloat16, matmul, points] = statement;
  visit("spatial_dimensions", spatial_dimensions);
  visit("implementation", implementation);
  visit("fold", fold);
  visit("bfloat16", bfloat16);
  visit("matmul", matmul);
  visit("points", points);
}

Json ToJson(const TimedTile& tile) {
  const auto& [shape, statement, seconds] = tile;
  Json json = {{"outputs", shape.outputs}};
  ForEachField(statement, [&](const char* name, const auto& value) { json[name] = value; });
  json["seconds"] = seconds;
  return json;
}

template <typename Value>
bool Holds(const Json& json) {
  if constexpr (std::is_same_v<Value, bool>) {
    return json.is_boolean();
  } else if constexpr (std::is_floating_point_v<Value>) {
    return json.is_number();
  } else {
    if (!json.is_number_integer()) return false;
    const bool huge = json.is_number_unsigned() &&
                      json.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()};
    if (huge) return false;
    const int64_t value = json.get<int64_t>();
    return value >= std::numeric_limits<Value>::min() && value <= std::numeric_limits<Value>::max();
  }
}

template <typename Value>
absl::Status Read(const Json& json, const char* name, Value& value) {
  const auto found = json.find(name);
  if (found == json.end() || !Holds<Value>(*found)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected ", std::is_same_v<Value, bool> ? "a boolean" : "a number",
                     ", got ", found == json.end() ? "nothing" : JsonText(*found, /*ascii=*/true)));
  }
  value = found->get<Value>();
  return absl::OkStatus();
}

absl::StatusOr<TimedTile> FromJson(const Json& json) {
  if (!json.is_object()) return absl::InvalidArgumentError("expected an object for each tile");
  TimedTile tile;
  auto& [shape, statement, seconds] = tile;
  CONVOY_RETURN_IF_ERROR(Read(json, "outputs", shape.outputs));
  absl::Status status;
  ForEachField(statement, [&](const char* name, auto& value) {
    if (status.ok()) status = Read(json, name, value);
  });
  CONVOY_RETURN_IF_ERROR(status);
  CONVOY_RETURN_IF_ERROR(Read(json, "seconds", seconds));
  return tile;
}

}  // namespace

Json TuningToJson(const std::vector<TimedTile>& tuning) {
  Json json = Json::array();
  for (const TimedTile& tile : tuning) json.push_back(ToJson(tile));
  return json;
}

absl::StatusOr<std::vector<TimedTile>> TuningFromJson(const Json& json) {
  if (!json.is_array()) return absl::InvalidArgumentError("expected a list of tiles");
  std::vector<TimedTile> tuning;
  for (const Json& tile : json) {
    CONVOY_ASSIGN_OR_RETURN(tuning.emplace_back(), FromJson(tile));
  }
  return tuning;
}

}  // namespace convoy::engine
