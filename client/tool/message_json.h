// Messages of the protocol as JSON, for scripts.
#ifndef CONVOY_CLIENT_TOOL_MESSAGE_JSON_H_
#define CONVOY_CLIENT_TOOL_MESSAGE_JSON_H_

#include <google/protobuf/message.h>

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>

namespace convoy::tool {

// "text" is for people and may change; "json" is for scripts.
struct OutputArgument {
  std::string format = "text";

  bool json() const { return format == "json"; }
};

// Adds --output text|json.
void AddOutputOption(CLI::App& command, OutputArgument& output);

// One line, with the fields' names of the .proto, those included that have their default.
// 64-bit numbers are strings, as protobuf's JSON has them.
void PrintJson(const google::protobuf::Message& message, std::ostream& out);
// The same of JSON; text that is not UTF-8 is replaced.
void PrintJson(const nlohmann::ordered_json& json, std::ostream& out);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_MESSAGE_JSON_H_
