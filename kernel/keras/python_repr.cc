#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

std::string QuotedText(const std::string& text) {
  const char quote =
      text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == quote || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + quote;
}

std::string ContainerText(const nlohmann::json& value) {
  std::string text(1, value.is_object() ? '{' : '[');
  const char* separator = "";
  for (const auto& [key, element] : value.items()) {
    text += separator;
    separator = ", ";
    if (value.is_object()) text += QuotedText(key) + ": ";
    text += PythonRepr(element);
  }
  return text + (value.is_object() ? '}' : ']');
}

}  // namespace

std::string PythonRepr(const nlohmann::json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_string()) return QuotedText(value.get_ref<const std::string&>());
  if (value.is_structured()) return ContainerText(value);
  return value.dump();
}

std::string PythonStr(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : PythonRepr(value);
}

std::string_view PythonTypeName(const nlohmann::json& value) {
  if (value.is_null()) return "NoneType";
  if (value.is_boolean()) return "bool";
  if (value.is_string()) return "str";
  if (value.is_number_float()) return "float";
  if (value.is_number()) return "int";
  return value.is_object() ? "dict" : "list";
}

}  // namespace convoy::keras
