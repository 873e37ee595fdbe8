#include "client/tool/layer_command.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/client.h"
#include "client/tool/table.h"

namespace convoy::tool {
namespace {

void AddTensors(const std::string& label, const std::vector<client::TensorSpec>& tensors,
                Table& table) {
  for (const client::TensorSpec& tensor : tensors) {
    table.AddRow({label, absl::StrCat(tensor.datatype, " ", client::ShapeString(tensor.shape),
                                      "  as \"", tensor.name, "\"")});
  }
}

void Print(const client::LayerInfo& info, std::ostream& out) {
  Table table;
  table.AddRow({"layer", info.name});
  table.AddRow({"versions", absl::StrJoin(info.versions, ", ")});
  table.AddRow({"platform", info.platform});
  AddTensors("input", info.inputs, table);
  AddTensors("output", info.outputs, table);
  table.Print(out);
}

nlohmann::ordered_json ToJson(const std::vector<client::TensorSpec>& tensors) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const client::TensorSpec& tensor : tensors) {
    json.push_back({{"name", tensor.name}, {"datatype", tensor.datatype}, {"shape", tensor.shape}});
  }
  return json;
}

void PrintJson(const client::LayerInfo& info, std::ostream& out) {
  const nlohmann::ordered_json json = {{"name", info.name},
                                       {"versions", info.versions},
                                       {"platform", info.platform},
                                       {"inputs", ToJson(info.inputs)},
                                       {"outputs", ToJson(info.outputs)}};
  tool::PrintJson(json, out);
}

}  // namespace

CLI::App* AddLayerCommand(CLI::App& app, LayerArguments& arguments) {
  CLI::App* command = app.add_subcommand("layer", "Show a layer's shapes and versions");
  command->add_option("LAYER", arguments.layer, "Layer to show")->required()->type_name("");
  command->add_option("--layer-version", arguments.version, "Version to show (default: the newest)")
      ->type_name("N");
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunLayer(const ToolContext& context, const LayerArguments& arguments) {
  const absl::StatusOr<std::unique_ptr<client::Client>> server =
      client::Client::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  const absl::StatusOr<client::LayerInfo> info =
      (*server)->LayerMetadata(arguments.layer, arguments.version);
  if (!info.ok()) return Refused(info.status());
  arguments.output.json() ? PrintJson(*info, context.out) : Print(*info, context.out);
  return {};
}

}  // namespace convoy::tool
