// A serialized Keras object: an initializer, regularizer, constraint, dtype
// policy or activation inside a layer's config.
#ifndef CONVOY_KERNEL_LAYER_KERAS_OBJECT_H_
#define CONVOY_KERNEL_LAYER_KERAS_OBJECT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace convoy::layer {

struct KerasObject {
  // "GlorotUniform"; the function's name for a function.
  std::string class_name;
  // Its arguments; empty for a function or an object given by name.
  nlohmann::json config = nlohmann::json::object();
  bool is_function = false;
};

// Reads {"class_name": ..., "config": {...}} with or without Keras 3's module
// and registered_name. `what` names the argument in messages.
//   INVALID_ARGUMENT  not an object of that form.
//   UNIMPLEMENTED     a lambda, or an object of somebody's own module.
absl::StatusOr<KerasObject> ReadKerasObject(std::string_view what, const nlohmann::json& value);

// The form that Keras 3 writes.
nlohmann::ordered_json WriteKerasObject(std::string_view module, std::string_view class_name,
                                        nlohmann::ordered_json config);

// Reads the arguments of a constructor one by one. The first error sticks, and
// arguments that nobody asked for are refused at the end, as Python does.
class KerasArguments {
 public:
  explicit KerasArguments(const KerasObject& object)
      : class_name_(object.class_name), config_(object.config) {}

  // Accepts and drops the argument.
  void Ignore(const char* name) { config_.erase(name); }
  // Sets what Taken() says of an argument.
  void Record(const char* name, nlohmann::ordered_json value) { taken_[name] = std::move(value); }
  // Any value; `fallback` when absent.
  nlohmann::json Take(const char* name, nlohmann::json fallback);
  // A number; null is an error.
  double TakeNumber(const char* name, double fallback);
  std::string TakeString(const char* name, std::string fallback);
  // An integer or null.
  std::optional<int64_t> TakeOptionalInteger(const char* name);
  // An integer, a list of integers, or null.
  std::vector<int64_t> TakeIntegers(const char* name, const std::vector<int64_t>& fallback);

  // The arguments asked for, with defaults filled in, in the order of asking:
  // a config as get_config writes it when they are asked for in that order.
  const nlohmann::ordered_json& Taken() const { return taken_; }

  void Fail(absl::Status error) { status_.Update(std::move(error)); }

  // OK if every argument was right and known.
  absl::Status Finish() const;

 private:
  void Refuse(const char* name, std::string_view expected, const nlohmann::json& got);

  std::string class_name_;
  nlohmann::json config_;
  nlohmann::ordered_json taken_ = nlohmann::ordered_json::object();
  absl::Status status_;
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_KERAS_OBJECT_H_
