// The options and layers of a server, as they are in force, and changed.
#ifndef CONVOY_SERVER_SERVER_CONFIGURATION_H_
#define CONVOY_SERVER_SERVER_CONFIGURATION_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/tile/byte_budget.h"
#include "server/batching/batching_overrides.h"
#include "server/batching/scheduler.h"
#include "server/config/configuration.h"
#include "server/options/option_state.h"
#include "server/options/server_options.h"
#include "server/registry/registry.h"
#include "server/rpc/call_log.h"

namespace convoy {

// One change at a time is planned on a copy of the state, refused as a whole or put in
// force as a whole, and logged value by value.
//
// Thread-safe.
class ServerConfiguration final : public config::Configuration {
 public:
  // What changes are put into force in. All must outlive the configuration.
  struct Parts {
    const registry::Registry& registry;
    batching::Scheduler& scheduler;
    engine::ByteBudget& primitives;
    batching::OverridesByLayer& overrides;
  };

  // `about` as About says it. What the option file says of layers' batches is in force
  // from here on.
  ServerConfiguration(const ParsedOptions& options, nlohmann::ordered_json about,
                      const Parts& parts);

  nlohmann::ordered_json About() const override;
  nlohmann::ordered_json ShowWithoutLayers() const override;
  nlohmann::ordered_json Show() const override;
  absl::StatusOr<nlohmann::ordered_json> ShowLayer(const std::string& name) const override;
  config::ChangeAnswer Change(const config::ChangeRequest& request) override;

  // Reads the option file again: what may change is in force afterwards, the rest is
  // logged as needing a restart. A file that is wrong changes nothing, and is logged.
  void Reload();

  // Logs the sections of layers that the registry does not have.
  void WarnOfUnknownLayers() const;

  // Begins later than the rest: where gRPC listens, and what logs its calls, which must
  // outlive the configuration's last change.
  void Attach(const std::string& grpc_address, rpc::CallLog& call_log);

  // In force now.
  struct ShutdownTimes {
    double drain_seconds;
    double shutdown_seconds;
  };
  ShutdownTimes shutdown_times() const;

 private:
  using Refusals = std::vector<OptionState::Refusal>;

  absl::Status CheckEtag(const std::vector<std::string>& etags) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Refuses layers that are not there.
  void CheckLayers(const nlohmann::ordered_json& patch, Refusals& refusals) const;
  // Keeps the workers' niceness where the system does not let it be lowered.
  void CheckNiceness(bool asked_for, OptionState& fresh, Refusals& refusals) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What is another value in `fresh`.
  nlohmann::ordered_json Differences(const OptionState& fresh) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddLayerDifferences(const OptionState& fresh, nlohmann::ordered_json& changed) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Puts it into force.
  void Take(OptionState fresh, const nlohmann::ordered_json& changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Apply(const OptionState& before) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Etag() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const std::string start_;  // tells this process' etags from another's

  mutable Mutex mutex_;  // held while a change is put into force
  OptionState state_ ABSL_GUARDED_BY(mutex_);
  uint64_t revision_ ABSL_GUARDED_BY(mutex_) = 1;
  nlohmann::ordered_json about_ ABSL_GUARDED_BY(mutex_);
  rpc::CallLog* call_log_ ABSL_GUARDED_BY(mutex_) = nullptr;  // null: not attached yet
};

}  // namespace convoy

#endif  // CONVOY_SERVER_SERVER_CONFIGURATION_H_
