// The arguments of a serialized Keras object.
#ifndef CONVOY_KERNEL_KERAS_KERAS_ARGUMENTS_H_
#define CONVOY_KERNEL_KERAS_KERAS_ARGUMENTS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "kernel/keras/keras_object.h"

namespace convoy::keras {

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

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_KERAS_ARGUMENTS_H_
