#include "client/tool/tool.h"

#include <CLI/CLI.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/tool/bench_command.h"
#include "client/tool/change_commands.h"
#include "client/tool/completion_command.h"
#include "client/tool/config_command.h"
#include "client/tool/health_command.h"
#include "client/tool/infer_command.h"
#include "client/tool/layer_command.h"
#include "client/tool/layers_command.h"
#include "client/tool/outcome.h"
#include "client/tool/security_options.h"
#include "client/tool/shape_command.h"
#include "client/tool/stats_command.h"
#include "client/tool/token_command.h"
#include "client/tool/tool_context.h"
#include "client/tool/versions_command.h"
#include "client/tool/weights_command.h"

namespace convoy::tool {
namespace {

constexpr char kDescription[] =
    "Calls a Convoy server: runs Keras Conv1D layers on arrays, shows what the server\n"
    "holds, measures how fast it answers.";

constexpr char kFooter[] = R"(
Examples:
  convoy layers
  convoy layer stft
  convoy infer stft --input speech.npy --output spectrum.npy
  convoy health stft
  convoy shape stft --input 1,?,64
  convoy create smooth --config layer.json --weights weights.safetensors
  convoy stats --watch
  convoy token team-a --infer stft --tokens tokens.json
  convoy config get max-queue-bytes
  convoy config set max-queue-bytes=64MiB
  convoy bench stft --shape 1,1000,64 --lengths 250,500,1000
  CONVOY_SERVER=10.0.0.7:8001 convoy layers
  convoy layers --server convoy.example:8001 --tls --ca ca.pem --token-file token

`convoy COMMAND --help` tells a command's options.

Exit codes: 0 done, 1 the server answered with an error or is not ready, 2 wrong usage, an
unusable file or a full output, 3 no connection to the server.)";

constexpr char kCommonOptions[] = R"(

--server HOST:PORT, --timeout S, --tls and what goes with it work with every command;
see convoy --help.)";

// What the options of the command line are parsed into.
struct Arguments {
  std::string server;
  double timeout_seconds = 10;
  SecurityArguments security;
  InferArguments infer;
  LayersArguments layers;
  LayerArguments layer;
  HealthArguments health;
  BenchArguments bench;
  StatsArguments stats;
  TokenArguments token;
  VersionsArguments versions;
  ShapeArguments shape;
  WeightsArguments weights;
  EditArguments create;
  EditArguments update;
  RollbackArguments rollback;
  DeleteArguments remove;
  CompletionArguments completion;
  ConfigArguments config;
};

// The commands that were added to the application.
struct Commands {
  CLI::App* infer;
  CLI::App* layers;
  CLI::App* layer;
  CLI::App* health;
  CLI::App* bench;
  CLI::App* stats;
  CLI::App* token;
  CLI::App* versions;
  CLI::App* shape;
  CLI::App* weights;
  CLI::App* create;
  CLI::App* update;
  CLI::App* rollback;
  CLI::App* remove;
  CLI::App* completion;
  CLI::App* config;
};

Commands AddEverything(CLI::App& app, Arguments& arguments) {
  app.footer(kFooter);
  app.set_version_flag("--version", "convoy " CONVOY_VERSION);
  app.add_option("--server", arguments.server, "Server to call")
      ->envname("CONVOY_SERVER")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  app.add_option("--timeout", arguments.timeout_seconds,
                 "Seconds to wait for the connection and for each answer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("S");
  AddSecurityOptions(app, arguments.security);
  app.require_subcommand(1);
  // Lets the common options stand behind the command.
  app.fallthrough();
  const Commands commands = {
      AddInferCommand(app, arguments.infer),           AddLayersCommand(app, arguments.layers),
      AddLayerCommand(app, arguments.layer),           AddHealthCommand(app, arguments.health),
      AddBenchCommand(app, arguments.bench),           AddStatsCommand(app, arguments.stats),
      AddTokenCommand(app, arguments.token),           AddVersionsCommand(app, arguments.versions),
      AddShapeCommand(app, arguments.shape),           AddWeightsCommand(app, arguments.weights),
      AddCreateCommand(app, arguments.create),         AddUpdateCommand(app, arguments.update),
      AddRollbackCommand(app, arguments.rollback),     AddDeleteCommand(app, arguments.remove),
      AddCompletionCommand(app, arguments.completion), AddConfigCommand(app, arguments.config)};
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->footer(command->get_footer() + kCommonOptions);
  }
  return commands;
}

Outcome Run(const Commands& commands, const Arguments& arguments, const ToolContext& context) {
  if (commands.infer->parsed()) return RunInfer(context, arguments.infer);
  if (commands.layers->parsed()) return RunLayers(context, arguments.layers);
  if (commands.layer->parsed()) return RunLayer(context, arguments.layer);
  if (commands.config->parsed()) return RunConfig(context, arguments.config);
  if (commands.health->parsed()) return RunHealth(context, arguments.health);
  if (commands.stats->parsed()) return RunStats(context, arguments.stats);
  if (commands.token->parsed()) return RunToken(context, arguments.token);
  if (commands.versions->parsed()) return RunVersions(context, arguments.versions);
  if (commands.shape->parsed()) return RunShape(context, arguments.shape);
  if (commands.weights->parsed()) return RunWeights(context, arguments.weights);
  if (commands.create->parsed()) return RunCreate(context, arguments.create);
  if (commands.update->parsed()) return RunUpdate(context, arguments.update);
  if (commands.rollback->parsed()) return RunRollback(context, arguments.rollback);
  if (commands.remove->parsed()) return RunDelete(context, arguments.remove);
  if (commands.bench->parsed()) return RunBench(context, arguments.bench);
  PrintCompletion(*commands.completion->get_parent(), arguments.completion.shell, context.out);
  return {};
}

// What was printed may be all that a command does: it counts only if it went out.
Outcome CheckOutput(Outcome outcome, std::ostream& out) {
  out.flush();
  if (out.good() || outcome.code != ExitCode::kOk) return outcome;
  return BadUsage(absl::UnknownError("standard output: writing failed"));
}

}  // namespace

int RunTool(int argc, const char* const* argv, std::istream& in, std::ostream& out,
            std::ostream& err, bool terminal) {
  ToolContext context{in, out, err};
  context.terminal = terminal;
  Arguments arguments;
  arguments.server = context.server;
  CLI::App app(kDescription, "convoy");
  const Commands commands = AddEverything(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    app.exit(help_or_version, out, err);
    return Report(CheckOutput({}, out), err);
  } catch (const CLI::ParseError& error) {
    return Report(BadUsage(absl::InvalidArgumentError(
                      absl::StrCat(error.what(), " (convoy --help tells more)"))),
                  err);
  }
  context.server = arguments.server;
  context.timeout = absl::Seconds(arguments.timeout_seconds);
  absl::StatusOr<client::Security> security = ReadSecurity(arguments.security);
  if (!security.ok()) return Report(BadUsage(security.status()), err);
  context.security = *std::move(security);
  return Report(CheckOutput(Run(commands, arguments, context), out), err);
}

}  // namespace convoy::tool
