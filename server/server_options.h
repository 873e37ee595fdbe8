// What the server is told when it starts: flags, environment, file.
#ifndef CONVOY_SERVER_SERVER_OPTIONS_H_
#define CONVOY_SERVER_SERVER_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace convoy {

struct ServerOptions {
  // The model repository's folder. Required.
  std::string repository;
  // host:port, [ipv6]:port or unix:path. Port 0 takes a free one and logs it.
  std::string grpc_address = "127.0.0.1:8001";
  // host:port or [ipv6]:port. Port 0 takes a free one and logs it.
  std::string http_address = "127.0.0.1:8002";
  // The file of options that was read; empty for none.
  std::string config;

  // Threads that run batches. 0: one a usable core (AvailableCores).
  int workers = 0;
  // Added to the workers' niceness, so that threads that receive and send do not
  // wait for those that compute.
  int worker_nice = 10;
  // Threads that receive calls. 0: one for every eight usable cores, at least
  // one; more compete for the same sockets.
  int pollers = 0;

  // When the ways to state a convolution are timed on this machine: "off" never,
  // "load" before a layer is served (up to 0.2 s each), "background" while it is
  // served already, with the fastest taking over when found.
  std::string tuning = "load";

  // The file that keeps what was timed for the next start. Empty: none.
  std::string tuning_file;

  // Largest request message.
  int64_t max_message_bytes = int64_t{64} << 20;
  // Largest output tensor.
  int64_t max_response_bytes = int64_t{256} << 20;
  // Payload bytes that may wait over all layers. 0: nothing waits.
  int64_t max_queue_bytes = int64_t{512} << 20;
  // Bytes of answers that are to be computed or that callers have not read yet.
  int64_t max_unread_bytes = int64_t{1} << 30;
  // Compiled convolutions and packed weights over all layers.
  int64_t primitive_cache_bytes = int64_t{1} << 30;
  // Estimated time that a request may have to wait for its turn.
  double max_queue_seconds = 10;

  // After a signal: how long health says NOT_SERVING while calls are still
  // taken, so that load balancers go elsewhere first. 0: close at once.
  double drain_seconds = 1;
  // After that: how long calls in flight may take before they are cancelled.
  double shutdown_seconds = 10;

  // trace, debug, info, warn, error or off.
  std::string log_level = "info";
  // text or json.
  std::string log_format = "text";
};

// Where a value came from, the weakest first.
enum class OptionSource { kDefault, kFile, kEnvironment, kFlag };

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
// variables are not, orchestrators invent some.
std::variant<ParsedOptions, OptionsExit> ParseServerOptions(int argc, const char* const* argv,
                                                            const Environment& environment);

// {"workers": {"value": 2, "source": "flag"}, ...}
nlohmann::ordered_json ToJson(const std::vector<OptionInForce>& in_force);

}  // namespace convoy

#endif  // CONVOY_SERVER_SERVER_OPTIONS_H_
