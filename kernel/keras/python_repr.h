// JSON values in the words of Keras' messages, which are Python's.
#ifndef CONVOY_KERNEL_KERAS_PYTHON_REPR_H_
#define CONVOY_KERNEL_KERAS_PYTHON_REPR_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace convoy::keras {

// repr(value): None, True, 'text', [1, 2.0], {'key': 1}.
std::string PythonRepr(const nlohmann::json& value);

// str(value): as repr, but a string stands bare.
std::string PythonStr(const nlohmann::json& value);

// type(value).__name__: "int", "NoneType", "dict".
std::string_view PythonTypeName(const nlohmann::json& value);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_PYTHON_REPR_H_
