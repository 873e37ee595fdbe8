// JSON values in the words of Keras' messages, which are Python's.
#ifndef CONVOY_KERNEL_LAYER_PYTHON_REPR_H_
#define CONVOY_KERNEL_LAYER_PYTHON_REPR_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace convoy::layer {

// repr(value): None, True, 'text', [1, 2.0], {'key': 1}.
std::string PythonRepr(const nlohmann::json& value);

// str(value): as repr, but a string stands bare.
std::string PythonStr(const nlohmann::json& value);

// type(value).__name__: "int", "NoneType", "dict".
std::string_view PythonTypeName(const nlohmann::json& value);

// A shape as Python prints a tuple, "(2, 5)"; -1 stands for None.
std::string PythonTuple(absl::Span<const int64_t> shape);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_PYTHON_REPR_H_
