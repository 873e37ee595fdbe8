// What the server is told when it starts: flags, environment, file.
#ifndef CONVOY_SERVER_OPTIONS_SERVER_OPTIONS_H_
#define CONVOY_SERVER_OPTIONS_SERVER_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "server/access/gate.h"
#include "server/base/logging.h"
#include "server/batching/scheduler_options.h"
#include "server/loading/loading_options.h"
#include "server/options/option_file.h"
#include "server/options/option_in_force.h"
#include "server/rpc/grpc_server_options.h"
#include "server/tls/certificate_files.h"

namespace convoy {

// The parts' own options, so that each default is written once.
struct ServerOptions {
  // The file of options that was read; empty for none.
  std::string config;

  loading::LoadingOptions loading;
  // 0 pollers: one for every eight usable cores, at least one; more compete for the
  // same sockets.
  rpc::GrpcServerOptions grpc = {.pollers = 0};
  // host:port, [ipv6]:port or unix:path. Port 0 takes a free one and logs it.
  std::string http_address = "127.0.0.1:8002";
  // Of both ports, over TCP.
  tls::TlsOptions tls;
  access::AccessOptions access;
  // 0 workers: one per usable core (AvailableCores).
  batching::SchedulerOptions scheduler = {.workers = 0};
  // Compiled convolutions and packed weights over all layers.
  int64_t primitive_cache_bytes = int64_t{1} << 30;

  // Weights that callers have uploaded and that no write has named yet; also the largest
  // variable that initializers may make.
  int64_t max_upload_bytes = int64_t{256} << 20;

  // Layers that must be callable for the server to be ready.
  std::vector<std::string> required_layers;

  // After a signal: how long health says NOT_SERVING while calls are still
  // taken, so that load balancers go elsewhere first. 0: close at once.
  double drain_seconds = 1;
  // After that: how long calls in flight, and reading their answers, may take.
  double shutdown_seconds = 10;

  LogOptions log;

  // Whether callers may change options while the server runs.
  bool allow_config_changes = false;
};

// What options are read from, beside the file, which may have changed when it is read
// again.
struct OptionInputs {
  std::vector<std::string> arguments;            // the program's name first
  std::map<std::string, std::string> variables;  // of options, those that are set
  std::string version;                           // what --version says
  std::optional<OptionFile> file;                // once it was read; without, it is read
};

struct ParsedOptions {
  ServerOptions values;
  std::vector<OptionInForce> in_force;  // in the order of --help
  OptionInputs inputs;
  std::optional<int64_t> memory_bytes;  // what FitInMemory has fitted them in
};

// There is nothing to run: print `text` (to stdout for code 0, else to stderr,
// one line) and exit with `code`.
//   0  --help or --version
//   1  a bad variable or file
//   2  a bad flag, or a required option that nothing gives
struct OptionsExit {
  int code = 0;
  std::string text;
};

// Null or empty for a variable that is not set.
using Environment = std::function<const char*(const char* name)>;

// A flag beats its variable CONVOY_*, which beats the file, which beats the
// default. Unknown flags and unknown keys of the file are errors; unknown
// variables are not, orchestrators invent some. `version` is what --version says.
std::variant<ParsedOptions, OptionsExit> ParseServerOptions(int argc, const char* const* argv,
                                                            const Environment& environment,
                                                            const std::string& version);

// Values that are to take the place of all others, by the options' names.
using OptionChanges = std::map<std::string, nlohmann::ordered_json>;

struct RefusedChange {
  std::string name;
  //   INVALID_ARGUMENT     there is no such option, or it does not take the value.
  //   FAILED_PRECONDITION  it is not changed while the server runs.
  absl::Status why;
};

// Reads everything again, and the changes on top of it. Those that are appended to
// `refused`, which is null only where there are no changes, are left out.
std::variant<ParsedOptions, OptionsExit> ParseServerOptions(
    OptionInputs inputs, const OptionChanges& changes = {},
    std::vector<RefusedChange>* refused = nullptr);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_SERVER_OPTIONS_H_
