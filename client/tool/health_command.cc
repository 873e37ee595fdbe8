#include "client/tool/health_command.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "client/client.h"

namespace convoy::tool {
namespace {

absl::Status Health(const client::Client& server, const std::string& layer) {
  const absl::StatusOr<bool> ready =
      layer.empty() ? server.ServerReady() : server.LayerReady(layer);
  if (!ready.ok()) return ready.status();
  if (*ready) return absl::OkStatus();
  if (layer.empty()) return absl::UnavailableError("the server is not ready");
  // What is said of a layer that cannot be called tells why.
  const absl::Status why = server.LayerMetadata(layer).status();
  return why.ok() ? absl::UnavailableError(absl::StrCat("layer '", layer, "' is not ready")) : why;
}

}  // namespace

CLI::App* AddHealthCommand(CLI::App& app, HealthArguments& arguments) {
  CLI::App* command = app.add_subcommand("health", "Tell whether the server, or a layer, is ready");
  command->add_option("LAYER", arguments.layer, "Layer to ask for (default: the server)")
      ->type_name("");
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunHealth(const ToolContext& context, const HealthArguments& arguments) {
  const absl::StatusOr<std::unique_ptr<client::Client>> server =
      client::Client::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  const absl::Status health = Health(**server, arguments.layer);
  if (!health.ok()) return Refused(health);
  context.out << (arguments.output.json() ? "{\"ready\":true}\n" : "ready\n");
  return {};
}

}  // namespace convoy::tool
