// Keras' checks of single arguments of Conv1D, in Keras' words.
//
// Every function answers INVALID_ARGUMENT with the text of the ValueError (or
// TypeError) that Keras raises for the same value.
#ifndef CONVOY_KERNEL_KERAS_ARGUMENT_CHECKS_H_
#define CONVOY_KERNEL_KERAS_ARGUMENT_CHECKS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d_config.h"

namespace convoy::keras {

// `name`: a string without "/"; null gives "conv1d".
absl::StatusOr<std::string> CheckName(const nlohmann::json& value);

// `trainable`: strictly a boolean.
absl::StatusOr<bool> CheckTrainable(const nlohmann::json& value);

// `kernel_size`, `strides`, `dilation_rate`: a positive integer, alone or in a
// list of one. `argument` is the name in the message. A positive float passes
// as 1: Keras refuses it only at build time, see CheckIntegerSize.
absl::StatusOr<int64_t> CheckTuple(std::string_view argument, const nlohmann::json& value);

// `padding`: "valid", "same" or "causal" in any case; any list passes here and
// is judged by CheckExplicitPadding, as Keras judges it at build time.
absl::StatusOr<layer::Padding> CheckPadding(const nlohmann::json& value);

// `padding` as [left, right] frames of zeros, an extension of Keras.
absl::StatusOr<layer::Padding> CheckExplicitPadding(const nlohmann::json& value);

// `data_format`: any case; null gives Keras' default, channels_last.
absl::StatusOr<layer::DataFormat> CheckDataFormat(const nlohmann::json& value);

// `filters` and `groups`: their signs and their divisibility.
absl::Status CheckFiltersAndGroups(const nlohmann::json& filters, const nlohmann::json& groups);

// What Keras notices only when it makes the kernel: a size, alone or in a list
// of one, must be an integer.
absl::StatusOr<int64_t> CheckIntegerSize(std::string_view argument, const nlohmann::json& value);

// Python's bool(value).
bool PythonTruth(const nlohmann::json& value);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_ARGUMENT_CHECKS_H_
