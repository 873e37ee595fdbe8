#include "server/options/server_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "kernel/base/status_macros.h"
#include "server/options/exposure.h"
#include "server/options/option_checks.h"
#include "server/options/option_file.h"
#include "server/options/option_row.h"
#include "server/repository/serving_config.h"

namespace convoy {
namespace {

constexpr char kDescription[] =
    "Serves Keras Conv1D layers over gRPC (Open Inference Protocol v2).\n"
    "Every option is also an environment variable and a key of the --config file;\n"
    "a flag beats the variable, the variable the file, the file the default.";
// gRPC counts the bytes of a message in an int; some are the header's.
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int32_t>::max() - (int64_t{1} << 20);

std::string EnvironmentName(const std::string& option) {
  return absl::AsciiStrToUpper("CONVOY_" + absl::StrReplaceAll(option, {{"-", "_"}}));
}

// As the option file would have it.
absl::StatusOr<std::string> OptionText(const nlohmann::ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return absl::InvalidArgumentError(
      absl::StrCat("expected a number, text, true or false, got ", value.type_name()));
}

std::string OneLine(std::string_view text) {
  return absl::StrReplaceAll(absl::string_view(text.data(), text.size()), {{"\n", " "}});
}

// The options' definitions bound to one struct, and where each value came from.
class OptionSet {
 public:
  OptionSet(ServerOptions& values, const std::string& version)
      : values_(values), app_(kDescription, "convoy-server") {
    app_.set_version_flag("--version", version);
    AddServing();
    AddTls();
    AddAccess();
    AddThreads();
    AddLimits();
    AddHealth();
    AddConnections();
    AddShutdown();
    AddLogging();
  }

  std::optional<OptionsExit> ReadFlags(const std::vector<std::string>& arguments) {
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
    try {
      app_.parse(static_cast<int>(pointers.size()), pointers.data());
    } catch (const CLI::CallForHelp&) {
      return OptionsExit{0, Help()};
    } catch (const CLI::CallForVersion& version) {
      return OptionsExit{0, absl::StrCat(version.what(), "\n")};
    } catch (const CLI::Error& error) {
      return OptionsExit{2, OneLine(error.what())};
    }
    for (OptionRow& row : rows_) {
      if (row.option()->count() > 0) row.set_source(OptionSource::kFlag);
    }
    return std::nullopt;
  }

  std::optional<OptionsExit> ReadVariables(const std::map<std::string, std::string>& variables) {
    for (OptionRow& row : rows_) {
      const auto found = variables.find(EnvironmentName(row.name()));
      if (row.source() != OptionSource::kDefault || found == variables.end()) continue;
      const std::string error = Take(row, found->second, OptionSource::kEnvironment);
      if (!error.empty()) return OptionsExit{1, absl::StrCat(found->first, ": ", error)};
    }
    return std::nullopt;
  }

  // Reads the file unless it has been read into `file`.
  std::optional<OptionsExit> ReadFile(std::optional<OptionFile>& file) {
    if (values_.config.empty()) return std::nullopt;
    if (!file.has_value()) {
      absl::StatusOr<OptionFile> read = ReadOptionFile(std::filesystem::path(values_.config));
      if (!read.ok()) return OptionsExit{1, OneLine(std::string(read.status().message()))};
      file = *std::move(read);
    }
    const std::string prefix = absl::StrCat("config ", values_.config, ": ");
    for (const auto& [key, value] : file->values) {
      OptionRow* const row = Find(key);
      if (row == nullptr || key == "config") {
        return OptionsExit{1, absl::StrCat(prefix, "unknown key \"", key, "\"")};
      }
      if (row->source() != OptionSource::kDefault) continue;
      const std::string error = Take(*row, value, OptionSource::kFile);
      if (!error.empty()) return OptionsExit{1, absl::StrCat(prefix, error)};
    }
    values_.loading.sections = file->layers;
    const absl::Status sections = repository::CheckSections(file->layers);
    if (sections.ok()) return std::nullopt;
    return OptionsExit{1, absl::StrCat(prefix, OneLine(std::string(sections.message())))};
  }

  void Change(const OptionChanges& changes, std::vector<RefusedChange>& refused) {
    for (const auto& [name, value] : changes) {
      absl::Status status = Change(name, value);
      if (!status.ok()) refused.push_back({name, std::move(status)});
    }
  }

  std::vector<OptionInForce> InForce() const {
    std::vector<OptionInForce> in_force;
    for (const OptionRow& row : rows_) in_force.push_back(row.InForce());
    return in_force;
  }

  // Of all options that are set.
  std::map<std::string, std::string> Variables(const Environment& environment) const {
    std::map<std::string, std::string> variables;
    for (const OptionRow& row : rows_) {
      const std::string name = EnvironmentName(row.name());
      const char* const value = environment(name.c_str());
      if (value != nullptr && *value != '\0') variables.emplace(name, value);
    }
    return variables;
  }

 private:
  // `unit` stands for the value in --help.
  template <typename T>
  OptionRow* Add(const std::string& group, const std::string& name, T& field,
                 const std::string& unit, const std::string& help) {
    CLI::Option* const option = app_.add_option("--" + name, field, help);
    option->group(group)->type_name(unit)->capture_default_str();
    rows_.emplace_back(name, unit, option, [&field] { return nlohmann::ordered_json(field); });
    return &rows_.back();
  }

  // Off unless given; --name=false turns it off again.
  OptionRow* AddSwitch(const std::string& group, const std::string& name, bool& field,
                       const std::string& help) {
    CLI::Option* const option = app_.add_flag("--" + name, field, help);
    option->group(group);
    rows_.emplace_back(name, "", option, [&field] { return nlohmann::ordered_json(field); });
    return &rows_.back();
  }

  void AddServing() {
    const std::string group = "Serving";
    Add(group, "repository", values_.loading.repository, "DIR",
        "Folder of the layers: DIR/<layer>/<version>/config.json. Required");
    Add(group, "repository-mode", values_.loading.mode, "MODE",
        "fixed: read once; watch: follow what changes of it; managed: also write what callers "
        "ask for")
        ->check(OneOf({"fixed", "watch", "managed"}));
    Add(group, "keep-versions", values_.loading.keep_versions, "N",
        "With --repository-mode managed: versions of a layer, of those that the server wrote, that "
        "stay on the disk")
        ->check(WholeNumbers(1, 1'000'000));
    Add(group, "grpc-address", values_.grpc.address, "ADDRESS",
        "Where gRPC listens: host:port, [ipv6]:port or unix:path, or several with commas between "
        "them; port 0 takes a free one")
        ->check(Addresses());
    Add(group, "http-address", values_.http_address, "ADDRESS",
        "Where metrics, health and configuration are served: host:port, [ipv6]:port or "
        "unix:path")
        ->check(Address());
    AddSwitch(group, "allow-config-changes", values_.allow_config_changes,
              "Callers may change options while the server runs: PATCH /config, "
              "UpdateServerConfig and LogSettings");
    Add(group, "config", values_.config, "FILE",
        "File of options: lines of key = value, keys as the flags without dashes in front");
  }

  void AddTls() {
    const std::string group = "TLS";
    Add(group, "tls-cert", values_.tls.certificate, "FILE",
        "The server's certificate and those that signed it, in PEM: both ports speak TLS over TCP, "
        "not over Unix sockets. Read again when it changes, like the next two");
    Add(group, "tls-key", values_.tls.key, "FILE", "The certificate's private key, in PEM");
    Add(group, "tls-client-ca", values_.tls.client_ca, "FILE",
        "Who signs callers' certificates, in PEM: calls need one then, but for health");
  }

  void AddAccess() {
    const std::string group = "Access";
    access::AccessOptions& access = values_.access;
    Add(group, "tokens", access.tokens, "FILE",
        "Who may call, and what they may do, as `convoy token` writes it; everybody and everything "
        "unless given. Read again when it changes");
    AddSwitch(group, "open-metrics", access.open_metrics, "Metrics need no token");
    AddSwitch(
        group, "allow-plaintext-tokens", access.allow_plaintext_tokens,
        "Take tokens without TLS at addresses beyond this machine: behind a proxy that has TLS");
  }

  void AddThreads() {
    const std::string group = "Threads";
    Add(group, "workers", values_.scheduler.workers, "THREADS",
        "Threads that run batches; 0: one per core, within affinity and CPU quota")
        ->check(WholeNumbers(0, 1024));
    Add(group, "worker-nice", values_.scheduler.worker_nice, "N",
        "How far workers stand back behind the threads that receive and send, 0 to 19: more is "
        "less latency beside large requests, and less throughput of those")
        ->check(WholeNumbers(0, 19))
        ->changeable();
    Add(group, "pollers", values_.grpc.pollers, "THREADS",
        "Threads that receive calls; 0: one for every eight cores, at least one")
        ->check(WholeNumbers(0, 64));
    Add(group, "tuning", values_.loading.tuning, "WHEN",
        "When convolutions are timed on this machine: off, load (before a layer is served) or "
        "background")
        ->check(OneOf({"off", "load", "background"}));
    Add(group, "tuning-seconds", values_.loading.tuning_seconds, "SECONDS",
        "With --tuning load: how long readiness waits for timing in all; the rest is timed behind")
        ->check(Seconds());
    Add(group, "tuning-file", values_.loading.tuning_file, "FILE",
        "Where what was timed is kept for the next start; none unless given");
  }

  OptionRow* AddSize(const std::string& name, int64_t& field, int64_t least, int64_t most,
                     const std::string& help, const std::string& group = "Limits") {
    return Add(group, name, field, "BYTES", help + "; plain bytes or KiB, MiB, GiB")
        ->default_str(ByteText(field))
        ->transform(ByteSize())
        ->check(WholeNumbers(least, most));
  }

  void AddLimits() {
    AddSize("max-message-bytes", values_.grpc.max_message_bytes, 1, kMaxMessageBytes,
            "Largest request message");
    AddSize("max-response-bytes", values_.grpc.max_response_bytes, 1, kMaxMessageBytes,
            "Largest output tensor");
    AddSize("max-received-bytes", values_.grpc.max_received_bytes, int64_t{1} << 20,
            std::numeric_limits<int64_t>::max(),
            "What gRPC has received and not let go of: requests that are not complete or wait");
    AddSize("max-queue-bytes", values_.scheduler.max_queue_bytes, 0,
            std::numeric_limits<int64_t>::max(),
            "Tensor bytes of requests that wait or run, over all layers; 0: nothing waits")
        ->changeable();
    AddSize("max-unread-bytes", values_.scheduler.max_unread_bytes, 1,
            std::numeric_limits<int64_t>::max(),
            "Tensor bytes of answers that are to be computed or not read yet")
        ->changeable();
    AddSize("max-run-bytes", values_.scheduler.max_run_bytes, 1,
            std::numeric_limits<int64_t>::max(),
            "Memory that requests may need while they run, over all layers")
        ->changeable();
    AddSize("max-upload-bytes", values_.max_upload_bytes, 1, std::numeric_limits<int64_t>::max(),
            "Weights that callers have uploaded, kept for 10 minutes each; with --repository-mode "
            "managed");
    AddSize("primitive-cache-bytes", values_.primitive_cache_bytes, 0,
            std::numeric_limits<int64_t>::max(),
            "Memory for compiled convolutions and packed weights; the least recently used go first")
        ->changeable();
    Add("Limits", "max-queue-seconds", values_.scheduler.max_queue_seconds, "SECONDS",
        "Longest wait, by measured costs, that a request is taken for; 0: nothing waits")
        ->check(Seconds())
        ->changeable();
  }

  void AddHealth() {
    const std::string group = "Health";
    Add(group, "required-layers", values_.required_layers, "NAMES",
        "Layers without which the server is not ready, beside all that can be loaded being there")
        ->list()
        ->check(NotEmpty())
        ->default_str("");
  }

  void AddConnections() {
    const std::string group = "Connections";
    constexpr double kLeastSeconds = 0.001;
    rpc::ConnectionLimits& limits = values_.grpc.connections;
    Add(group, "max-connections", limits.max_connections, "N",
        "gRPC connections at the same time; a further one is closed")
        ->check(WholeNumbers(1, 1'000'000));
    Add(group, "max-streams", limits.max_streams, "N",
        "Calls under way on one connection; further ones wait at the caller's side")
        ->check(WholeNumbers(1, 1'000'000));
    AddSize("max-header-bytes", limits.max_header_bytes, int64_t{1} << 10, int64_t{1} << 20,
            "Largest headers of a call", group);
    Add(group, "handshake-seconds", limits.handshake_seconds, "SECONDS",
        "How long a connection may take to begin to speak HTTP/2")
        ->check(Seconds(kLeastSeconds));
    Add(group, "keepalive-seconds", limits.keepalive_seconds, "SECONDS",
        "After so much silence a caller is asked whether it is there; 0: never")
        ->check(Seconds());
    Add(group, "keepalive-timeout-seconds", limits.keepalive_timeout_seconds, "SECONDS",
        "How long it may take to say so before its connection is closed")
        ->check(Seconds(kLeastSeconds));
    Add(group, "min-ping-seconds", limits.min_ping_seconds, "SECONDS",
        "Callers that ask more often than that whether the server is there are cut off")
        ->check(Seconds());
    Add(group, "max-connection-idle-seconds", limits.max_idle_seconds, "SECONDS",
        "A connection without a call is closed after so long; 0: never")
        ->check(Seconds());
    Add(group, "max-connection-age-seconds", limits.max_age_seconds, "SECONDS",
        "A connection takes no new calls after so long, and is closed when the last one is done; "
        "0: never")
        ->check(Seconds());
    Add(group, "flood-milliseconds", limits.flood_milliseconds, "MILLISECONDS",
        "Processor time that one connection may take with frames that nothing comes of before it "
        "is cut; 0: any")
        ->check(WholeNumbers(0, 60'000));
  }

  void AddShutdown() {
    const std::string group = "Shutdown";
    Add(group, "drain-seconds", values_.drain_seconds, "SECONDS",
        "After SIGTERM or SIGINT: how long health says NOT_SERVING while calls are still taken")
        ->check(Seconds())
        ->changeable();
    Add(group, "shutdown-seconds", values_.shutdown_seconds, "SECONDS",
        "After that: how long calls in flight, and reading their answers, may take")
        ->check(Seconds())
        ->changeable();
  }

  void AddLogging() {
    const std::string group = "Logging";
    Add(group, "log-level", values_.log.level, "LEVEL", "Least level that is logged to stderr")
        ->check(OneOf({"trace", "debug", "info", "warn", "error", "off"}))
        ->changeable();
    Add(group, "log-format", values_.log.format, "FORMAT", "One line per message: text or JSON")
        ->check(OneOf({"text", "json"}))
        ->changeable();
    Add(group, "access-log", values_.grpc.call_log.access, "WHICH",
        "Which ModelInfer calls are logged whatever becomes of them: off or all")
        ->check(OneOf({"off", "all"}))
        ->changeable();
    Add(group, "slow-request-seconds", values_.grpc.call_log.slow_seconds, "SECONDS",
        "ModelInfer calls that take so long are logged with where the time went; 0: none")
        ->check(Seconds())
        ->changeable();
  }

  // Shown in --help only: read by CLI11, a variable would lose to the file.
  std::string Help() {
    for (OptionRow& row : rows_) row.option()->envname(EnvironmentName(row.name()));
    return app_.help();
  }

  OptionRow* Find(const std::string& name) {
    const auto row = std::find_if(rows_.begin(), rows_.end(),
                                  [&](const OptionRow& each) { return each.name() == name; });
    return row == rows_.end() ? nullptr : &*row;
  }

  // Empty when `text` was taken.
  static std::string Take(OptionRow& row, const std::string& text, OptionSource source) {
    try {
      row.Take(text, source);
    } catch (const CLI::Error& error) {
      return OneLine(error.what());
    }
    return "";
  }

  absl::Status Change(const std::string& name, const nlohmann::ordered_json& value) {
    OptionRow* const row = Find(name);
    if (row == nullptr) {
      return absl::InvalidArgumentError("there is no such option; /config lists them");
    }
    if (!row->InForce().changeable) {
      return absl::FailedPreconditionError(
          "needs a restart: set it in the option file, the environment or a flag");
    }
    CONVOY_ASSIGN_OR_RETURN(const std::string text, OptionText(value));
    const std::string error = Take(*row, text, OptionSource::kRuntime);
    return error.empty() ? absl::OkStatus() : absl::InvalidArgumentError(error);
  }

  ServerOptions& values_;
  CLI::App app_;
  std::deque<OptionRow> rows_;  // which stay where they are
};

std::optional<OptionsExit> Read(OptionInputs& inputs, OptionSet& options) {
  if (auto exit = options.ReadFlags(inputs.arguments)) return exit;
  if (auto exit = options.ReadVariables(inputs.variables)) return exit;
  return options.ReadFile(inputs.file);
}

// Why the options, each of which is right, do not go together; empty if they do.
std::string ProblemOf(const ServerOptions& options) {
  const tls::TlsOptions& tls = options.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    return tls.key.empty() ? "--tls-cert needs --tls-key" : "--tls-key needs --tls-cert";
  }
  if (!tls.client_ca.empty() && !tls.on()) return "--tls-client-ca needs --tls-cert and --tls-key";
  return ProblemOfExposure(options);
}

}  // namespace

std::variant<ParsedOptions, OptionsExit> ParseServerOptions(int argc, const char* const* argv,
                                                            const Environment& environment,
                                                            const std::string& version) {
  OptionInputs inputs{.arguments = {argv, argv + argc}, .version = version};
  ServerOptions none;
  inputs.variables = OptionSet(none, version).Variables(environment);
  return ParseServerOptions(std::move(inputs));
}

std::variant<ParsedOptions, OptionsExit> ParseServerOptions(OptionInputs inputs,
                                                            const OptionChanges& changes,
                                                            std::vector<RefusedChange>* refused) {
  ParsedOptions parsed;
  OptionSet options(parsed.values, inputs.version);
  if (auto exit = Read(inputs, options)) return *std::move(exit);
  if (parsed.values.loading.repository.empty()) {
    return OptionsExit{2, "--repository is required; --help lists the options"};
  }
  if (refused != nullptr) options.Change(changes, *refused);
  if (std::string problem = ProblemOf(parsed.values); !problem.empty()) {
    return OptionsExit{2, std::move(problem)};
  }
  parsed.in_force = options.InForce();
  parsed.inputs = std::move(inputs);
  return parsed;
}

}  // namespace convoy
