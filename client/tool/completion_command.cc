#include "client/tool/completion_command.h"

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace convoy::tool {
namespace {

constexpr char kFooter[] = R"(
Examples:
  convoy completion bash > /etc/bash_completion.d/convoy
  convoy completion zsh > "${fpath[1]}/_convoy"
  convoy completion fish > ~/.config/fish/completions/convoy.fish)";

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// The long names, with dashes.
std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

void PrintBash(const CLI::App& app, std::ostream& out) {
  std::vector<std::string> commands;
  for (const CLI::App* const command : CommandsOf(app)) commands.push_back(command->get_name());
  const std::string common = absl::StrJoin(OptionsOf(app), " ");
  out << "_convoy() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"\" each words files=\"\"\n"
         "  for each in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$each\" in\n"
         "      "
      << absl::StrJoin(commands, "|")
      << ") command=\"$each\"; break ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$command\" in\n"
         "    \"\") words=\""
      << absl::StrJoin(commands, " ") << "\" ;;\n";
  for (const CLI::App* const command : CommandsOf(app)) {
    out << "    " << command->get_name() << ") words=\"" << absl::StrJoin(OptionsOf(*command), " ")
        << "\"; files=1 ;;\n";
  }
  out << "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words "
      << common
      << "\" -- \"$word\"))\n"
         "  if [[ -n $files && $word != -* ]]; then\n"
         "    COMPREPLY+=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _convoy convoy\n";
}

// One text in single quotes of fish.
std::string FishQuoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

void PrintFishOptions(const CLI::App& app, const std::string& condition, std::ostream& out) {
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const bool takes_a_value = option->get_items_expected_max() > 0;
      out << "complete -c convoy" << condition << " -l " << name << (takes_a_value ? " -r" : "")
          << " -d " << FishQuoted(option->get_description()) << '\n';
    }
  }
}

void PrintFish(const CLI::App& app, std::ostream& out) {
  PrintFishOptions(app, "", out);
  for (const CLI::App* const command : CommandsOf(app)) {
    out << "complete -c convoy -n __fish_use_subcommand -f -a " << command->get_name() << " -d "
        << FishQuoted(command->get_description()) << '\n';
    PrintFishOptions(
        *command, absl::StrCat(" -n '__fish_seen_subcommand_from ", command->get_name(), "'"), out);
  }
}

}  // namespace

CLI::App* AddCompletionCommand(CLI::App& app, CompletionArguments& arguments) {
  CLI::App* const command =
      app.add_subcommand("completion", "Print a script with which a shell completes commands");
  command->add_option("SHELL", arguments.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  command->footer(kFooter);
  return command;
}

void PrintCompletion(const CLI::App& app, const std::string& shell, std::ostream& out) {
  if (shell == "fish") return PrintFish(app, out);
  // zsh runs bash's functions when it is asked to.
  if (shell == "zsh") out << "#compdef convoy\nautoload -U +X bashcompinit && bashcompinit\n";
  PrintBash(app, out);
}

}  // namespace convoy::tool
