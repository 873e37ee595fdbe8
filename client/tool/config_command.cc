#include "client/tool/config_command.h"

#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/channel.h"
#include "client/status_conversion.h"
#include "client/tool/table.h"
#include "convoy/v1/config_service.grpc.pb.h"

namespace convoy::tool {
namespace {

using google::protobuf::Value;
using Options = google::protobuf::Map<std::string, v1::Option>;

// As people write it.
std::string Text(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      if (std::trunc(value.number_value()) == value.number_value() &&
          std::abs(value.number_value()) < 1e18) {
        return absl::StrCat(static_cast<int64_t>(value.number_value()));
      }
      return absl::StrCat(value.number_value());
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kListValue: {
      std::string text;
      for (const Value& each : value.list_value().values()) {
        absl::StrAppend(&text, text.empty() ? "" : ",", Text(each));
      }
      return text;
    }
    case Value::kStructValue:
      return "{...}";
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      break;
  }
  return "-";
}

// A whole number that a double cannot hold stays text, which options take too.
Value ParseValue(const std::string& text) {
  constexpr double kMostWhole = int64_t{1} << 53;
  Value value;
  double number = 0;
  if (text == "true" || text == "false") {
    value.set_bool_value(text == "true");
  } else if (absl::SimpleAtod(text, &number) && std::abs(number) <= kMostWhole) {
    value.set_number_value(number);
  } else {
    value.set_string_value(text);
  }
  return value;
}

void PrintJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = true;
  std::string text;
  if (google::protobuf::util::MessageToJsonString(message, &text, options).ok()) {
    out << text << "\n";
  }
}

void PrintTable(const Options& options, std::ostream& out) {
  Table table;
  table.AddRow({"OPTION", "VALUE", "UNIT", "SOURCE", "CHANGEABLE"});
  std::map<std::string, v1::Option> sorted;
  for (const auto& [name, option] : options) sorted.emplace(name, option);
  for (const auto& [name, option] : sorted) {
    table.AddRow({name, Text(option.value()), option.unit().empty() ? "-" : option.unit(),
                  option.source(), option.changeable() ? "yes" : "restart"});
  }
  table.Print(out);
}

// Leaves only the named ones; none named: all stay.
absl::Status KeepNamed(const std::vector<std::string>& names, Options& options) {
  if (names.empty()) return absl::OkStatus();
  Options kept;
  for (const std::string& name : names) {
    const auto found = options.find(name);
    if (found == options.end()) {
      return absl::NotFoundError(absl::StrCat("there is no option '", name, "'"));
    }
    kept[name] = found->second;
  }
  options.swap(kept);
  return absl::OkStatus();
}

// Those of the newest version of the only layer, or the server's.
Options* OptionsOf(v1::ServerConfig& config, bool of_layer) {
  if (!of_layer) return config.mutable_server()->mutable_options();
  if (config.layers_size() == 0 || config.layers(0).versions_size() == 0) return nullptr;
  return config.mutable_layers(0)->mutable_versions(0)->mutable_options();
}

Outcome Show(const ConfigArguments& arguments, v1::ServerConfig config, std::ostream& out) {
  Options* const options = OptionsOf(config, !arguments.layer.empty());
  if (options == nullptr) {
    return Refused(absl::FailedPreconditionError(
        absl::StrCat("layer '", arguments.layer, "' has no version that can be called")));
  }
  if (absl::Status named = KeepNamed(arguments.names, *options); !named.ok()) {
    return Refused(std::move(named));
  }
  if (arguments.output == "json") {
    PrintJson(config, out);
  } else {
    PrintTable(*options, out);
  }
  return {};
}

void PrintChanges(const v1::UpdateServerConfigResponse& answer, std::ostream& out) {
  Table table;
  for (const v1::Change& change : answer.changed()) {
    table.AddRow({answer.validate_only() ? "would change" : "changed",
                  change.layer().empty() ? "-" : change.layer(), change.option(),
                  Text(change.old()), "->", Text(change.new_())});
  }
  for (const v1::Refusal& refusal : answer.refused()) {
    table.AddRow({"would be refused", refusal.layer().empty() ? "-" : refusal.layer(),
                  refusal.option(), refusal.reason()});
  }
  table.Print(out);
  out << "etag " << answer.etag() << "; not kept across a restart\n";
}

void SetDeadline(const ToolContext& context, grpc::ClientContext& call) {
  call.set_deadline(absl::ToChronoTime(absl::Now() + context.timeout));
}

Outcome Get(const ToolContext& context, const ConfigArguments& arguments,
            v1::ConfigService::StubInterface& stub) {
  grpc::ClientContext call;
  SetDeadline(context, call);
  v1::GetServerConfigRequest request;
  request.set_layer(arguments.layer);
  v1::ServerConfig config;
  const grpc::Status status = stub.GetServerConfig(&call, request, &config);
  if (!status.ok()) return Refused(client::ToAbslStatus(status));
  return Show(arguments, std::move(config), context.out);
}

Outcome Set(const ToolContext& context, const ConfigArguments& arguments,
            v1::ConfigService::StubInterface& stub) {
  const absl::StatusOr<v1::UpdateServerConfigRequest> request = UpdateRequest(arguments);
  if (!request.ok()) return BadUsage(request.status());
  grpc::ClientContext call;
  SetDeadline(context, call);
  v1::UpdateServerConfigResponse answer;
  const grpc::Status status = stub.UpdateServerConfig(&call, *request, &answer);
  if (!status.ok()) return Refused(client::ToAbslStatus(status));
  if (arguments.output == "json") {
    PrintJson(answer, context.out);
  } else {
    PrintChanges(answer, context.out);
  }
  return {};
}

void AddCommonOptions(CLI::App* command, ConfigArguments& arguments) {
  command->add_option("--layer", arguments.layer, "Options of this layer, not the server's")
      ->type_name("NAME");
  command->add_option("--output", arguments.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str()
      ->type_name("FORMAT");
}

}  // namespace

CLI::App* AddConfigCommand(CLI::App& app, ConfigArguments& arguments) {
  CLI::App* const command = app.add_subcommand("config", "Show or change the server's options");
  command->require_subcommand(1);
  CLI::App* const get = command->add_subcommand("get", "Show options, and where values come from");
  get->add_option("OPTION", arguments.names, "Options to show (default: all)")->type_name("");
  AddCommonOptions(get, arguments);
  CLI::App* const set = command->add_subcommand(
      "set", "Change options while the server runs, until it ends (--allow-config-changes)");
  set->add_option("CHANGE", arguments.assignments, "What to change, NAME=VALUE")->type_name("");
  set->add_option("--unset", arguments.unset, "Take a change back; may be given again")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  set->add_option("--etag", arguments.etag, "Only if the configuration is still this one")
      ->type_name("ETAG");
  set->add_flag("--validate-only", arguments.validate_only, "Show what would happen");
  AddCommonOptions(set, arguments);
  arguments.set = set;
  return command;
}

absl::StatusOr<v1::UpdateServerConfigRequest> UpdateRequest(const ConfigArguments& arguments) {
  v1::UpdateServerConfigRequest request;
  std::map<std::string, Value> values;
  for (const std::string& assignment : arguments.assignments) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected NAME=VALUE, got '", assignment, "'"));
    }
    const std::string name = assignment.substr(0, equals);
    if (!values.emplace(name, ParseValue(assignment.substr(equals + 1))).second) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": is given twice"));
    }
  }
  for (const std::string& name : arguments.unset) {
    Value null;
    null.set_null_value(google::protobuf::NULL_VALUE);
    if (!values.emplace(name, null).second) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": is given twice"));
    }
  }
  if (values.empty()) return absl::InvalidArgumentError("expected NAME=VALUE or --unset NAME");
  v1::Changes& changes = *request.mutable_changes();
  for (auto& [name, value] : values) {
    if (arguments.layer.empty()) {
      (*changes.mutable_options())[name] = value;
    } else {
      (*(*changes.mutable_layers())[arguments.layer].mutable_fields())[name] = value;
    }
  }
  request.set_etag(arguments.etag);
  request.set_validate_only(arguments.validate_only);
  return request;
}

Outcome RunConfig(const ToolContext& context, const ConfigArguments& arguments) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      client::OpenChannel(context.server, context.timeout, context.security);
  if (!channel.ok()) return NotConnected(channel.status());
  const auto stub = v1::ConfigService::NewStub(*channel);
  return arguments.set->parsed() ? Set(context, arguments, *stub) : Get(context, arguments, *stub);
}

}  // namespace convoy::tool
