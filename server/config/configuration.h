// What the server is told, for those who ask over either port.
#ifndef CONVOY_SERVER_CONFIG_CONFIGURATION_H_
#define CONVOY_SERVER_CONFIG_CONFIGURATION_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace convoy::config {

// A change that somebody asks for.
struct ChangeRequest {
  // A merge patch (RFC 7396) of the changes that are in force (Configuration::Show,
  // "changes"): {"options": {NAME: VALUE, ...}, "layers": {NAME: {KEY: VALUE, ...}, ...}}.
  // A null takes a change back.
  nlohmann::ordered_json patch;
  // It happens only while the etag is one of these; empty: whichever it is.
  std::vector<std::string> etags;
  // Says what would happen, and does not do it.
  bool validate_only = false;
};

// {"etag": "...", "validate_only": false,
//  "changed": [{"option": "max-queue-bytes", "old": 1, "new": 2, "source": "runtime"},
//              {"layer": "stft", "option": "max_batch_requests", "old": null, ...}],
//  "refused": [{"option": "workers", "reason": "...", "needs_restart": true}],
//  "kept_across_restart": false}
struct ChangeAnswer {
  // OK            all of it is in force; or only validated, and something may be refused.
  // Otherwise nothing was changed:
  //   INVALID_ARGUMENT     the patch is none, or names or values are wrong; names them.
  //   NOT_FOUND            there is no such layer.
  //   FAILED_PRECONDITION  changes are not allowed, or one needs a restart.
  //   ABORTED              the etag is another one.
  absl::Status status;
  nlohmann::ordered_json json;
};

// All values as JSON whose names are stable; docs/config.schema.json describes it.
//
// Thread-safe.
class Configuration {
 public:
  virtual ~Configuration() = default;

  // What the server says of itself: {"version": "1.2.3", "grpc_address": "...", ...}
  virtual nlohmann::ordered_json About() const = 0;

  // {"etag": "...", "server": {what About says, "options": {...}},
  //  "changes": {"options": {...}, "layers": {...}},     at run time, as a patch sets them
  //  "needs_restart": ["workers", "layer.stft.deterministic"]}   what the file says by now
  virtual nlohmann::ordered_json ShowWithoutLayers() const = 0;

  // The same and {"layers": [as ShowLayer says, ...]}.
  virtual nlohmann::ordered_json Show() const = 0;

  // LayerJson's.
  //   NOT_FOUND  there is no such layer.
  virtual absl::StatusOr<nlohmann::ordered_json> ShowLayer(const std::string& name) const = 0;

  // All or nothing: when it returns OK, the next request sees the change.
  virtual ChangeAnswer Change(const ChangeRequest& request) = 0;
};

}  // namespace convoy::config

#endif  // CONVOY_SERVER_CONFIG_CONFIGURATION_H_
