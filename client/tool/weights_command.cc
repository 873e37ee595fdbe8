#include "client/tool/weights_command.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/layer_client.h"
#include "client/tool/layer_name.h"

namespace convoy::tool {
namespace {

using client::LayerClient;

absl::Status Write(std::string_view piece, std::ostream& out) {
  out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  return out.good() ? absl::OkStatus() : absl::UnknownError("writing failed");
}

void Print(const WeightsArguments& arguments, const LayerClient::WeightsInfo& info,
           std::ostream& out) {
  if (arguments.output.json()) {
    const nlohmann::ordered_json json = {{"name", info.name},
                                         {"size_bytes", info.size_bytes},
                                         {"sha256", info.sha256},
                                         {"file", arguments.file}};
    PrintJson(json, out);
  } else {
    out << OneLine(info.name) << ": " << info.size_bytes << " bytes, SHA-256 "
        << OneLine(info.sha256) << '\n';
  }
}

// Into a file beside the one that is wanted, which it replaces when it is whole.
absl::StatusOr<LayerClient::WeightsInfo> ToFile(const LayerClient& server, const std::string& name,
                                                const std::string& path, bool& local_error) {
  const std::string part = path + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  auto info = server.GetWeights(name, [&](std::string_view piece) {
    const absl::Status written = Write(piece, out);
    local_error = local_error || !written.ok();
    return written;
  });
  out.close();
  const bool whole = info.ok() && out.good();
  if (whole && std::rename(part.c_str(), path.c_str()) == 0) return info;
  const std::string why = std::generic_category().message(errno);
  std::remove(part.c_str());
  if (!info.ok() && !local_error) return info.status();
  local_error = true;
  return absl::UnknownError(absl::StrCat(path, ": cannot be written: ", why));
}

}  // namespace

CLI::App* AddWeightsCommand(CLI::App& app, WeightsArguments& arguments) {
  CLI::App* command = app.add_subcommand("get-weights", "Save a layer's weights as safetensors");
  command->add_option("LAYER", arguments.layer, "Layer to take them of")->required()->type_name("");
  command->add_option("FILE", arguments.file, "Where they go, - for standard output")
      ->required()
      ->type_name("");
  command->add_option("--layer-version", arguments.version, "Version (default: the newest)")
      ->type_name("N");
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunWeights(const ToolContext& context, const WeightsArguments& arguments) {
  const auto server = LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  const std::string name = LayerName(arguments.layer, arguments.version);
  bool local_error = false;
  absl::StatusOr<LayerClient::WeightsInfo> info;
  if (arguments.file == "-") {
    info = (*server)->GetWeights(name, [&](std::string_view piece) {
      const absl::Status written = Write(piece, context.out);
      local_error = !written.ok();
      return written;
    });
  } else {
    info = ToFile(**server, name, arguments.file, local_error);
  }
  if (!info.ok()) return local_error ? BadUsage(info.status()) : Refused(info.status());
  if (arguments.file != "-") Print(arguments, *info, context.out);
  return {};
}

}  // namespace convoy::tool
