#include "client/tool/change_commands.h"

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/layer_client.h"
#include "client/tool/layer_name.h"
#include "client/tool/serving_option.h"
#include "client/tool/table.h"
#include "client/tool/weights_file.h"

namespace convoy::tool {
namespace {

using client::LayerClient;
using convoy::v1::Layer;

void AddLayer(CLI::App& command, std::string& layer, const char* help) {
  command.add_option("LAYER", layer, help)->required()->type_name("");
}

void AddEtag(CLI::App& command, std::string& etag) {
  command.add_option("--etag", etag, "Only if the layer is still the one that had this etag")
      ->type_name("ETAG");
}

void AddValidateOnly(CLI::App& command, bool& validate_only) {
  command.add_flag("--validate-only", validate_only, "Check everything and change nothing");
}

void AddEditOptions(CLI::App& command, EditArguments& arguments) {
  CLI::Option* const weights =
      command.add_option("--weights", arguments.weights, "Its weights, as safetensors")
          ->type_name("FILE");
  command
      .add_option("--initialize", arguments.seed, "Let the layer's initializers make its weights")
      ->excludes(weights)
      ->check(CLI::NonNegativeNumber)
      ->type_name("SEED");
  command
      .add_option("--input-channels", arguments.input_channels,
                  "With --initialize: channels of the input, where the config does not tell")
      ->check(CLI::PositiveNumber)
      ->type_name("C");
  command
      .add_option("--constraints", arguments.constraints,
                  "What becomes of weights that break a constraint: ignore, apply or refuse")
      ->check(CLI::IsMember({"ignore", "apply", "refuse"}))
      ->type_name("WHAT");
  command
      .add_option("--set", arguments.set,
                  "An option of how it is served; without VALUE: its default")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  AddValidateOnly(command, arguments.validate_only);
  AddOutputOption(command, arguments.output);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  }
  return text;
}

// What create and update have in common. `Request` is one of theirs.
template <typename Request>
Outcome Fill(const ToolContext& context, const LayerClient& server, const EditArguments& arguments,
             Request& request, std::vector<std::string>& mask) {
  Layer& layer = *request.mutable_layer();
  if (!arguments.config.empty()) {
    absl::StatusOr<std::string> config = ReadFile(arguments.config);
    if (!config.ok()) return BadUsage(config.status());
    layer.set_config(*std::move(config));
    mask.emplace_back("config");
  }
  for (const std::string& option : arguments.set) {
    const absl::StatusOr<std::string> key = TakeServingOption(option, *layer.mutable_serving());
    if (!key.ok()) return BadUsage(key.status());
    mask.push_back(absl::StrCat("serving.", *key));
  }
  if (!arguments.constraints.empty()) {
    convoy::v1::WeightConstraints constraints{};
    convoy::v1::WeightConstraints_Parse(absl::AsciiStrToUpper(arguments.constraints), &constraints);
    request.set_constraints(constraints);
  }
  request.set_validate_only(arguments.validate_only);
  if (arguments.seed.has_value()) {
    request.mutable_weights()->mutable_initialize()->set_seed(*arguments.seed);
    request.mutable_weights()->mutable_initialize()->set_input_channels(arguments.input_channels);
  }
  if (arguments.weights.empty()) return {};
  return SendWeights(context, server, arguments.weights, *request.mutable_weights());
}

void PrintLayer(const Layer& layer, bool validate_only, std::ostream& out) {
  const convoy::v1::RequestEstimate& example = layer.execution().example();
  Table table;
  table.AddRow({validate_only ? "would be" : "layer", layer.name()});
  table.AddRow({"version", absl::StrCat(layer.version())});
  if (!layer.etag().empty()) table.AddRow({"etag", layer.etag()});
  table.AddRow({"checksum", layer.checksum()});
  table.AddRow({"parameters", absl::StrCat(layer.count_params())});
  table.AddRow({"runs as", layer.execution().description()});
  table.AddRow({"memory", absl::StrCat(layer.execution().weight_bytes(), " bytes of weights, ",
                                       layer.execution().engine_bytes(), " of the engine")});
  if (!example.input_shape().empty()) {
    table.AddRow({"a request", absl::StrFormat("(%s) takes about %.3f ms",
                                               absl::StrJoin(example.input_shape(), ", "),
                                               example.seconds() * 1e3)});
  }
  table.Print(out);
}

Outcome Show(const ToolContext& context, const absl::StatusOr<Layer>& layer, bool validate_only,
             const OutputArgument& output) {
  if (!layer.ok()) return Refused(layer.status());
  for (const std::string& warning : layer->warnings()) {
    context.err << "convoy: warning: " << OneLine(warning) << std::endl;
  }
  output.json() ? PrintJson(*layer, context.out) : PrintLayer(*layer, validate_only, context.out);
  return {};
}

}  // namespace

CLI::App* AddCreateCommand(CLI::App& app, EditArguments& arguments) {
  CLI::App* const command = app.add_subcommand("create", "Create a layer");
  AddLayer(*command, arguments.layer, "Its name");
  command->add_option("--config", arguments.config, "The layer, as Keras writes it")
      ->required()
      ->type_name("FILE.json");
  AddEditOptions(*command, arguments);
  return command;
}

CLI::App* AddUpdateCommand(CLI::App& app, EditArguments& arguments) {
  CLI::App* const command = app.add_subcommand("update", "Write a new version of a layer");
  AddLayer(*command, arguments.layer, "Layer to change");
  command->add_option("--config", arguments.config, "The layer, as Keras writes it")
      ->type_name("FILE.json");
  AddEditOptions(*command, arguments);
  CLI::Option* const rank =
      command->add_option("--lora-rank", arguments.lora_rank, "Enable LoRA, as Keras' enable_lora")
          ->check(CLI::PositiveNumber)
          ->type_name("RANK");
  command->add_option("--lora-alpha", arguments.lora_alpha, "Its alpha (default: the rank)")
      ->needs(rank)
      ->type_name("ALPHA");
  AddEtag(*command, arguments.etag);
  return command;
}

CLI::App* AddRollbackCommand(CLI::App& app, RollbackArguments& arguments) {
  CLI::App* const command =
      app.add_subcommand("rollback", "Write an older version's content as a new one");
  AddLayer(*command, arguments.layer, "Layer to change");
  command->add_option("VERSION", arguments.version, "Version to go back to")
      ->required()
      ->check(CLI::PositiveNumber)
      ->type_name("");
  AddEtag(*command, arguments.etag);
  AddValidateOnly(*command, arguments.validate_only);
  AddOutputOption(*command, arguments.output);
  return command;
}

CLI::App* AddDeleteCommand(CLI::App& app, DeleteArguments& arguments) {
  CLI::App* const command = app.add_subcommand("delete", "Delete a layer with all its versions");
  AddLayer(*command, arguments.layer, "Layer to delete");
  command->add_flag("--foreign", arguments.foreign, "Also what no server wrote");
  AddEtag(*command, arguments.etag);
  AddValidateOnly(*command, arguments.validate_only);
  AddOutputOption(*command, arguments.output);
  return command;
}

Outcome RunCreate(const ToolContext& context, const EditArguments& arguments) {
  const auto server = LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  convoy::v1::CreateLayerRequest request;
  request.set_layer_id(arguments.layer);
  std::vector<std::string> mask;
  if (Outcome filled = Fill(context, **server, arguments, request, mask);
      filled.code != ExitCode::kOk) {
    return filled;
  }
  return Show(context, (*server)->Create(request), arguments.validate_only, arguments.output);
}

Outcome RunUpdate(const ToolContext& context, const EditArguments& arguments) {
  const auto server = LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  convoy::v1::UpdateLayerRequest request;
  std::vector<std::string> mask;
  if (Outcome filled = Fill(context, **server, arguments, request, mask);
      filled.code != ExitCode::kOk) {
    return filled;
  }
  request.mutable_layer()->set_name(LayerName(arguments.layer));
  request.mutable_layer()->set_etag(arguments.etag);
  for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
  if (arguments.lora_rank.has_value()) {
    request.mutable_lora()->set_rank(*arguments.lora_rank);
    if (arguments.lora_alpha.has_value()) request.mutable_lora()->set_alpha(*arguments.lora_alpha);
  }
  return Show(context, (*server)->Update(request), arguments.validate_only, arguments.output);
}

Outcome RunRollback(const ToolContext& context, const RollbackArguments& arguments) {
  const auto server = LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  convoy::v1::RollbackLayerRequest request;
  request.set_name(LayerName(arguments.layer));
  request.set_etag(arguments.etag);
  request.set_version(arguments.version);
  request.set_validate_only(arguments.validate_only);
  return Show(context, (*server)->Rollback(request), arguments.validate_only, arguments.output);
}

Outcome RunDelete(const ToolContext& context, const DeleteArguments& arguments) {
  const auto server = LayerClient::Connect(context.server, context.client_options());
  if (!server.ok()) return NotConnected(server.status());
  convoy::v1::DeleteLayerRequest request;
  request.set_name(LayerName(arguments.layer));
  request.set_etag(arguments.etag);
  request.set_delete_foreign(arguments.foreign);
  request.set_validate_only(arguments.validate_only);
  const auto response = (*server)->Delete(request);
  if (!response.ok()) return Refused(response.status());
  if (arguments.output.json()) {
    PrintJson(*response, context.out);
    return {};
  }
  context.out << (arguments.validate_only ? "would delete " : "deleted ")
              << OneLine(LayerName(arguments.layer)) << " with " << response->versions_size()
              << " versions\n";
  return {};
}

}  // namespace convoy::tool
