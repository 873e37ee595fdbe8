#include "client/tool/message_json.h"

#include <google/protobuf/util/json_util.h>

#include <CLI/Validators.hpp>
#include <nlohmann/json.hpp>

namespace convoy::tool {

void AddOutputOption(CLI::App& command, OutputArgument& output) {
  command.add_option("--output", output.format, "text for people, json for scripts")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
}

void PrintJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  // Fails only for messages of unknown types, which there are none of.
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (status.ok()) out << text << '\n';
}

void PrintJson(const nlohmann::ordered_json& json, std::ostream& out) {
  out << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace convoy::tool
