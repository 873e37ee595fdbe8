#include "server/options/server_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/options/exposure.h"
#include "server/options/option_checks.h"
#include "server/options/option_file.h"

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

  std::optional<OptionsExit> ReadFlags(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return OptionsExit{0, Help()};
    } catch (const CLI::CallForVersion& version) {
      return OptionsExit{0, absl::StrCat(version.what(), "\n")};
    } catch (const CLI::Error& error) {
      return OptionsExit{2, OneLine(error.what())};
    }
    for (Entry& entry : entries_) {
      if (entry.option->count() > 0) entry.source = OptionSource::kFlag;
    }
    return std::nullopt;
  }

  std::optional<OptionsExit> ReadEnvironment(const Environment& environment) {
    for (Entry& entry : entries_) {
      if (entry.source != OptionSource::kDefault) continue;
      const std::string variable = EnvironmentName(entry.name);
      const char* const value = environment(variable.c_str());
      if (value == nullptr || *value == '\0') continue;
      const std::string error = Take(entry, value, OptionSource::kEnvironment);
      if (!error.empty()) return OptionsExit{1, absl::StrCat(variable, ": ", error)};
    }
    return std::nullopt;
  }

  std::optional<OptionsExit> ReadFile() {
    if (values_.config.empty()) return std::nullopt;
    const absl::StatusOr<OptionFile> file = ReadOptionFile(std::filesystem::path(values_.config));
    if (!file.ok()) return OptionsExit{1, OneLine(std::string(file.status().message()))};
    const std::string prefix = absl::StrCat("config ", values_.config, ": ");
    for (const auto& [key, value] : *file) {
      const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                      [&key = key](const Entry& e) { return e.name == key; });
      if (entry == entries_.end() || key == "config") {
        return OptionsExit{1, absl::StrCat(prefix, "unknown key \"", key, "\"")};
      }
      if (entry->source != OptionSource::kDefault) continue;
      const std::string error = Take(*entry, value, OptionSource::kFile);
      if (!error.empty()) return OptionsExit{1, absl::StrCat(prefix, error)};
    }
    return std::nullopt;
  }

  std::vector<OptionInForce> InForce() const {
    std::vector<OptionInForce> in_force;
    for (const Entry& entry : entries_) {
      in_force.push_back({entry.name, entry.value(), entry.source});
    }
    return in_force;
  }

 private:
  struct Entry {
    std::string name;
    CLI::Option* option;  // the app's
    std::function<nlohmann::ordered_json()> value;
    OptionSource source = OptionSource::kDefault;
  };

  template <typename T>
  CLI::Option* Add(const std::string& group, const std::string& name, T& field,
                   const std::string& unit, const std::string& help) {
    CLI::Option* const option = app_.add_option("--" + name, field, help);
    option->group(group)->type_name(unit)->capture_default_str();
    entries_.push_back({name, option, [&field] { return nlohmann::ordered_json(field); }});
    return option;
  }

  // Off unless given; --name=false turns it off again.
  CLI::Option* AddSwitch(const std::string& group, const std::string& name, bool& field,
                         const std::string& help) {
    CLI::Option* const option = app_.add_flag("--" + name, field, help);
    option->group(group);
    entries_.push_back({name, option, [&field] { return nlohmann::ordered_json(field); }});
    return option;
  }

  void AddServing() {
    const std::string group = "Serving";
    Add(group, "repository", values_.loading.repository, "DIR",
        "Folder of the layers: DIR/<layer>/<version>/config.json. Required");
    Add(group, "repository-mode", values_.loading.mode, "MODE",
        "fixed: read once; watch: follow what changes of it; managed: also write what callers "
        "ask for")
        ->check(CLI::IsMember({"fixed", "watch", "managed"}));
    Add(group, "keep-versions", values_.loading.keep_versions, "N",
        "With --repository-mode managed: versions of a layer, of those that the server wrote, that "
        "stay on the disk")
        ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}).description(""));
    Add(group, "grpc-address", values_.grpc.address, "ADDRESS",
        "Where gRPC listens: host:port, [ipv6]:port or unix:path, or several with commas between "
        "them; port 0 takes a free one")
        ->check(Addresses());
    Add(group, "http-address", values_.http_address, "ADDRESS",
        "Where metrics, health and configuration are served: host:port, [ipv6]:port or "
        "unix:path")
        ->check(Address());
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
    Add(group, "workers", values_.scheduler.workers, "N",
        "Threads that run batches; 0: one per core, within affinity and CPU quota")
        ->check(CLI::Range(0, 1024).description(""));
    Add(group, "worker-nice", values_.scheduler.worker_nice, "N",
        "How far workers stand back behind the threads that receive and send, 0 to 19: more is "
        "less latency beside large requests, and less throughput of those")
        ->check(CLI::Range(0, 19).description(""));
    Add(group, "pollers", values_.grpc.pollers, "N",
        "Threads that receive calls; 0: one for every eight cores, at least one")
        ->check(CLI::Range(0, 64).description(""));
    Add(group, "tuning", values_.loading.tuning, "WHEN",
        "When convolutions are timed on this machine: off, load (before a layer is served) or "
        "background")
        ->check(CLI::IsMember({"off", "load", "background"}));
    Add(group, "tuning-seconds", values_.loading.tuning_seconds, "SECONDS",
        "With --tuning load: how long readiness waits for timing in all; the rest is timed behind")
        ->check(Seconds());
    Add(group, "tuning-file", values_.loading.tuning_file, "FILE",
        "Where what was timed is kept for the next start; none unless given");
  }

  void AddSize(const std::string& name, int64_t& field, int64_t least, int64_t most,
               const std::string& help, const std::string& group = "Limits") {
    Add(group, name, field, "BYTES", help + "; plain bytes or KiB, MiB, GiB")
        ->default_str(ByteText(field))
        ->transform(ByteSize())
        ->check(CLI::Range(least, most).description(""));
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
            "Tensor bytes of requests that wait or run, over all layers; 0: nothing waits");
    AddSize("max-unread-bytes", values_.scheduler.max_unread_bytes, 1,
            std::numeric_limits<int64_t>::max(),
            "Tensor bytes of answers that are to be computed or not read yet");
    AddSize("max-run-bytes", values_.scheduler.max_run_bytes, 1,
            std::numeric_limits<int64_t>::max(),
            "Memory that requests may need while they run, over all layers");
    AddSize("max-upload-bytes", values_.max_upload_bytes, 1, std::numeric_limits<int64_t>::max(),
            "Weights that callers have uploaded, kept for 10 minutes each; with --repository-mode "
            "managed");
    AddSize(
        "primitive-cache-bytes", values_.primitive_cache_bytes, 0,
        std::numeric_limits<int64_t>::max(),
        "Memory for compiled convolutions and packed weights; the least recently used go first");
    Add("Limits", "max-queue-seconds", values_.scheduler.max_queue_seconds, "SECONDS",
        "Longest wait, by measured costs, that a request is taken for; 0: nothing waits")
        ->check(Seconds());
  }

  void AddHealth() {
    const std::string group = "Health";
    Add(group, "required-layers", values_.required_layers, "NAMES",
        "Layers without which the server is not ready, beside all that can be loaded being there")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(NotEmpty())
        ->default_str("");
  }

  void AddConnections() {
    const std::string group = "Connections";
    constexpr double kLeastSeconds = 0.001;
    rpc::ConnectionLimits& limits = values_.grpc.connections;
    Add(group, "max-connections", limits.max_connections, "N",
        "gRPC connections at the same time; a further one is closed")
        ->check(CLI::Range(1, 1'000'000).description(""));
    Add(group, "max-streams", limits.max_streams, "N",
        "Calls under way on one connection; further ones wait at the caller's side")
        ->check(CLI::Range(1, 1'000'000).description(""));
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
        ->check(CLI::Range(0, 60'000).description(""));
  }

  void AddShutdown() {
    const std::string group = "Shutdown";
    Add(group, "drain-seconds", values_.drain_seconds, "SECONDS",
        "After SIGTERM or SIGINT: how long health says NOT_SERVING while calls are still taken")
        ->check(Seconds());
    Add(group, "shutdown-seconds", values_.shutdown_seconds, "SECONDS",
        "After that: how long calls in flight may take before they are cancelled")
        ->check(Seconds());
  }

  void AddLogging() {
    const std::string group = "Logging";
    Add(group, "log-level", values_.log.level, "LEVEL", "Least level that is logged to stderr")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
    Add(group, "log-format", values_.log.format, "FORMAT", "One line per message: text or JSON")
        ->check(CLI::IsMember({"text", "json"}));
    Add(group, "access-log", values_.grpc.call_log.access, "WHICH",
        "Which ModelInfer calls are logged whatever becomes of them: off or all")
        ->check(CLI::IsMember({"off", "all"}));
    Add(group, "slow-request-seconds", values_.grpc.call_log.slow_seconds, "SECONDS",
        "ModelInfer calls that take so long are logged with where the time went; 0: none")
        ->check(Seconds());
  }

  // Shown in --help only: read by CLI11, a variable would lose to the file.
  std::string Help() {
    for (const Entry& entry : entries_) entry.option->envname(EnvironmentName(entry.name));
    return app_.help();
  }

  // Empty when `text` was taken.
  static std::string Take(Entry& entry, const std::string& text, OptionSource source) {
    try {
      entry.option->add_result(text);
      entry.option->run_callback();
    } catch (const CLI::Error& error) {
      return OneLine(error.what());
    }
    entry.source = source;
    return "";
  }

  ServerOptions& values_;
  CLI::App app_;
  std::vector<Entry> entries_;
};

std::string SourceName(OptionSource source) {
  switch (source) {
    case OptionSource::kFlag:
      return "flag";
    case OptionSource::kEnvironment:
      return "environment";
    case OptionSource::kFile:
      return "file";
    case OptionSource::kMemoryLimit:
      return "memory limit";
    case OptionSource::kDefault:
      break;
  }
  return "default";
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
  ParsedOptions parsed;
  OptionSet options(parsed.values, version);
  if (auto exit = options.ReadFlags(argc, argv)) return *std::move(exit);
  if (auto exit = options.ReadEnvironment(environment)) return *std::move(exit);
  if (auto exit = options.ReadFile()) return *std::move(exit);
  if (parsed.values.loading.repository.empty()) {
    return OptionsExit{2, "--repository is required; --help lists the options"};
  }
  if (std::string problem = ProblemOf(parsed.values); !problem.empty()) {
    return OptionsExit{2, std::move(problem)};
  }
  parsed.in_force = options.InForce();
  return parsed;
}

nlohmann::ordered_json ToJson(const std::vector<OptionInForce>& in_force) {
  auto json = nlohmann::ordered_json::object();
  for (const OptionInForce& option : in_force) {
    json[option.name] = {{"value", option.value}, {"source", SourceName(option.source)}};
  }
  return json;
}

}  // namespace convoy
