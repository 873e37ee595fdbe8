// What the server is told when it starts: flags, environment, file.
#ifndef CONVOY_SERVER_OPTIONS_SERVER_OPTIONS_H_
#define CONVOY_SERVER_OPTIONS_SERVER_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "server/access/gate.h"
#include "server/base/logging.h"
#include "server/batching/scheduler_options.h"
#include "server/loading/loading_options.h"
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
  // After that: how long calls in flight may take before they are cancelled.
  double shutdown_seconds = 10;

  LogOptions log;
};

// Where a value came from, the weakest first. The memory limit is that of the
// container (FitInMemory).
enum class OptionSource { kDefault, kMemoryLimit, kFile, kEnvironment, kFlag };

// One option as it is in force.
struct OptionInForce {
  std::string name;  // as the flag, without the dashes
  nlohmann::ordered_json value;
  OptionSource source = OptionSource::kDefault;
};

struct ParsedOptions {
  ServerOptions values;
  std::vector<OptionInForce> in_force;  // in the order of --help
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

// {"workers": {"value": 2, "source": "flag"}, ...}
nlohmann::ordered_json ToJson(const std::vector<OptionInForce>& in_force);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_SERVER_OPTIONS_H_
