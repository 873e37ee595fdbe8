#include "client/tool/versions_command.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/layer_client.h"
#include "client/tool/layer_name.h"
#include "client/tool/table.h"

namespace convoy::tool {
namespace {

using convoy::v1::VersionInfo;

std::string ChangeTime(const VersionInfo& version) {
  if (!version.has_change_time()) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ",
                          absl::FromUnixSeconds(version.change_time().seconds()),
                          absl::UTCTimeZone());
}

void Print(const std::vector<VersionInfo>& versions, std::ostream& out) {
  Table table;
  table.AddRow({"VERSION", "STATE", "WRITTEN BY", "CHANGED", "CHECKSUM", "ERROR"});
  for (const VersionInfo& version : versions) {
    table.AddRow({absl::StrCat(version.version()), VersionInfo::State_Name(version.state()),
                  version.written_by_server() ? "server" : "people", ChangeTime(version),
                  version.checksum().empty() ? "-" : version.checksum().substr(0, 12),
                  version.error()});
  }
  table.Print(out);
}

}  // namespace

CLI::App* AddVersionsCommand(CLI::App& app, VersionsArguments& arguments) {
  CLI::App* command = app.add_subcommand("versions", "List a layer's versions");
  command->add_option("LAYER", arguments.layer, "Layer to look at")->required()->type_name("");
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunVersions(const ToolContext& context, const VersionsArguments& arguments) {
  const auto server = client::LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  const auto versions = (*server)->ListVersions(LayerName(arguments.layer));
  if (!versions.ok()) return Refused(versions.status());
  if (!arguments.output.json()) {
    Print(*versions, context.out);
    return {};
  }
  convoy::v1::ListLayerVersionsResponse all;
  for (const VersionInfo& version : *versions) *all.add_versions() = version;
  PrintJson(all, context.out);
  return {};
}

}  // namespace convoy::tool
