#include "client/tool/layers_command.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "client/tool/table.h"

namespace convoy::tool {
namespace {

std::string FirstTensor(const std::vector<client::TensorSpec>& tensors) {
  if (tensors.empty()) return "-";
  return absl::StrCat(tensors[0].datatype, " ", client::ShapeString(tensors[0].shape));
}

std::vector<std::string> Row(const client::Client& server, const client::LayerEntry& entry) {
  std::vector<std::string> row = {
      entry.name, entry.version.empty() ? "-" : entry.version, entry.state, "-", "-", entry.reason};
  if (entry.state != "READY") return row;
  const absl::StatusOr<client::LayerInfo> info = server.LayerMetadata(entry.name, entry.version);
  if (!info.ok()) {
    // Listed a moment ago and gone now: the row says so, the others stand.
    row[5] = std::string(info.status().message());
    return row;
  }
  row[3] = FirstTensor(info->inputs);
  row[4] = FirstTensor(info->outputs);
  return row;
}

void PrintJson(const std::vector<client::LayerEntry>& layers, std::ostream& out) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const client::LayerEntry& entry : layers) {
    json.push_back({{"name", entry.name},
                    {"version", entry.version},
                    {"state", entry.state},
                    {"reason", entry.reason}});
  }
  tool::PrintJson(json, out);
}

}  // namespace

CLI::App* AddLayersCommand(CLI::App& app, LayersArguments& arguments) {
  CLI::App* command = app.add_subcommand("layers", "List the layers and versions the server holds");
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunLayers(const ToolContext& context, const LayersArguments& arguments) {
  const absl::StatusOr<std::unique_ptr<client::Client>> server =
      client::Client::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  const absl::StatusOr<std::vector<client::LayerEntry>> layers = (*server)->Layers();
  if (!layers.ok()) return Refused(layers.status());
  if (arguments.output.json()) {
    PrintJson(*layers, context.out);
    return {};
  }
  Table table;
  table.AddRow({"LAYER", "VERSION", "STATE", "INPUT", "OUTPUT", "REASON"});
  for (const client::LayerEntry& entry : *layers) table.AddRow(Row(**server, entry));
  table.Print(context.out);
  return {};
}

}  // namespace convoy::tool
