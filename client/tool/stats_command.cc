#include "client/tool/stats_command.h"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "client/client.h"
#include "client/tool/stats_report.h"

namespace convoy::tool {
namespace {

// One look at the statistics.
struct Look {
  absl::Time time;
  LayerStatistics statistics;
};

bool IsTerminal(const std::ostream& out) {
  return &out == &std::cout && isatty(STDOUT_FILENO) != 0;
}

// What was done since `before`, if there is one, and all otherwise.
void Print(const std::optional<Look>& before, const Look& now, const StatsArguments& arguments,
           std::ostream& out) {
  if (arguments.output == "json") {
    PrintStatisticsJson(now.statistics, out);
  } else if (!before.has_value()) {
    PrintStatistics(now.statistics, absl::ZeroDuration(), out);
  } else {
    // Over the table before, or below it.
    out << (IsTerminal(out) ? "\x1b[H\x1b[J" : "\n");
    PrintStatistics(Since(before->statistics, now.statistics), now.time - before->time, out);
  }
  out.flush();
}

}  // namespace

CLI::App* AddStatsCommand(CLI::App& app, StatsArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("stats", "Show what layers have done since they were loaded");
  command->add_option("LAYER", arguments.layer, "Layer to show (default: all)")->type_name("");
  command->add_flag("--watch", arguments.watch,
                    "Go on, and show what was done since the last time");
  command->add_option("--interval", arguments.interval_seconds, "With --watch: seconds between")
      ->check(CLI::Range(0.001, 86400.0).description(""))
      ->capture_default_str()
      ->type_name("S");
  command
      ->add_option("--output", arguments.output,
                   "table, or json: all numbers since the version was loaded, on one line")
      ->check(CLI::IsMember({"table", "json"}).description(""))
      ->capture_default_str()
      ->type_name("FORMAT");
  return command;
}

Outcome RunStats(const ToolContext& context, const StatsArguments& arguments) {
  const absl::StatusOr<std::unique_ptr<client::Client>> server =
      client::Client::Connect(context.server, {context.timeout});
  if (!server.ok()) return NotConnected(server.status());
  std::optional<Look> before;
  while (true) {
    absl::StatusOr<LayerStatistics> statistics = (*server)->Statistics(arguments.layer);
    if (!statistics.ok()) return Refused(statistics.status());
    Look now{absl::Now(), *std::move(statistics)};
    Print(before, now, arguments, context.out);
    if (!arguments.watch || !context.out.good()) return {};
    before = std::move(now);
    absl::SleepFor(absl::Seconds(arguments.interval_seconds));
  }
}

}  // namespace convoy::tool
