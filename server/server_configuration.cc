#include "server/server_configuration.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/json_text.h"
#include "kernel/base/status_macros.h"
#include "server/base/logging.h"
#include "server/config/layer_json.h"

namespace convoy {
namespace {

using Json = nlohmann::ordered_json;
using config::ChangeAnswer;

Json RefusalJson(const OptionState::Refusal& refusal) {
  Json json = Json::object();
  if (!refusal.layer.empty()) json["layer"] = refusal.layer;
  if (!refusal.option.empty()) json["option"] = refusal.option;
  json["reason"] = std::string(refusal.why.message());
  json["needs_restart"] = absl::IsFailedPrecondition(refusal.why);
  return json;
}

std::string Place(const OptionState::Refusal& refusal) {
  if (refusal.layer.empty()) return refusal.option;
  return absl::StrCat("layers.", refusal.layer, refusal.option.empty() ? "" : ".", refusal.option);
}

// One status for all that is refused: what can never be good goes first.
absl::Status Refused(const std::vector<OptionState::Refusal>& refusals) {
  std::string message;
  absl::StatusCode code = refusals.front().why.code();
  for (const OptionState::Refusal& refusal : refusals) {
    if (absl::IsInvalidArgument(refusal.why)) code = refusal.why.code();
    absl::StrAppend(&message, message.empty() ? "" : "; ", Place(refusal), ": ",
                    std::string(refusal.why.message()));
  }
  return {code, message};
}

absl::Status CheckAllowed(const OptionState& state) {
  if (state.values().allow_config_changes) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "changes while the server runs are off; --allow-config-changes turns them on");
}

bool IsChanged(const OptionState& before, const OptionState& now, const std::string& name) {
  return before.Find(name)->value != now.Find(name)->value;
}

std::set<std::string> LayersNamedIn(const OptionState& one, const OptionState& other) {
  const std::vector<std::string> names = one.NamedLayers();
  std::set<std::string> layers(names.begin(), names.end());
  for (std::string& name : other.NamedLayers()) layers.insert(std::move(name));
  return layers;
}

batching::BatchingOverrides::Values ValuesOf(const LayerOverrides& overrides) {
  const auto value = [&](const char* key) {
    const auto found = overrides.find(key);
    return found == overrides.end() ? int64_t{0} : found->second.value;
  };
  return {.max_queue_delay_microseconds = value("max_queue_delay_microseconds"),
          .max_batch_requests = value("max_batch_requests"),
          .max_batch_bytes = value("max_batch_bytes")};
}

// What of the layer's options does not come from its serving.json.
config::Overridden OverriddenIn(const OptionState& state, const std::string& layer) {
  config::Overridden overridden;
  for (const auto& [key, one] : state.OverridesOf(layer)) overridden[key] = {one.value, one.source};
  return overridden;
}

std::string StartText() {
  return absl::StrCat(
      absl::Hex(std::chrono::system_clock::now().time_since_epoch().count(), absl::kZeroPad16));
}

}  // namespace

ServerConfiguration::ServerConfiguration(const ParsedOptions& options, Json about,
                                         const Parts& parts)
    : parts_(parts), start_(StartText()), state_(options), about_(std::move(about)) {
  MutexLock lock(mutex_);
  for (const std::string& layer : state_.NamedLayers()) {
    parts_.overrides.For(layer)->Set(ValuesOf(state_.OverridesOf(layer)));
  }
}

Json ServerConfiguration::About() const {
  MutexLock lock(mutex_);
  return about_;
}

Json ServerConfiguration::ShowWithoutLayers() const {
  MutexLock lock(mutex_);
  Json server = about_;
  server["options"] = ToJson(state_.in_force());
  return {{"etag", Etag()},
          {"server", std::move(server)},
          {"changes", state_.Changes()},
          {"needs_restart", state_.needs_restart()}};
}

Json ServerConfiguration::Show() const {
  Json shown = ShowWithoutLayers();
  const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
  Json layers = Json::array();
  for (const registry::LiveLayer& layer : snapshot->layers()) {
    config::Overridden overridden;
    {
      MutexLock lock(mutex_);
      overridden = OverriddenIn(state_, layer.name);
    }
    layers.push_back(config::LayerJson(layer, overridden));
  }
  shown["layers"] = std::move(layers);
  return shown;
}

absl::StatusOr<Json> ServerConfiguration::ShowLayer(const std::string& name) const {
  const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
  const registry::LiveLayer* const layer = snapshot->FindLayer(name);
  if (layer == nullptr) {
    return absl::NotFoundError(absl::StrCat("layer \"", name, "\": is not known"));
  }
  config::Overridden overridden;
  {
    MutexLock lock(mutex_);
    overridden = OverriddenIn(state_, name);
  }
  return config::LayerJson(*layer, overridden);
}

ChangeAnswer ServerConfiguration::Change(const config::ChangeRequest& request) {
  MutexLock lock(mutex_);
  absl::Status status = CheckAllowed(state_);
  status.Update(CheckEtag(request.etags));
  OptionState fresh = state_;
  Refusals refusals;
  if (status.ok()) status = fresh.Merge(request.patch, refusals);
  if (!status.ok()) return {status, Json::object()};
  CheckLayers(request.patch, refusals);
  const auto options = request.patch.find("options");
  const bool asks_niceness = options != request.patch.end() && options->contains("worker-nice");
  CheckNiceness(asks_niceness, fresh, refusals);
  const Json changed = Differences(fresh);
  Json refused = Json::array();
  for (const OptionState::Refusal& refusal : refusals) refused.push_back(RefusalJson(refusal));
  if (!refusals.empty() && !request.validate_only) status = Refused(refusals);
  if (status.ok() && !request.validate_only) Take(std::move(fresh), changed);
  return {status,
          {{"etag", Etag()},
           {"validate_only", request.validate_only},
           {"changed", status.ok() ? changed : Json::array()},
           {"refused", std::move(refused)},
           {"kept_across_restart", false}}};
}

void ServerConfiguration::Reload() {
  MutexLock lock(mutex_);
  if (state_.values().config.empty()) {
    return spdlog::warn("there is no option file to read again; --config names one");
  }
  OptionState fresh = state_;
  if (const absl::Status status = fresh.Reload(); !status.ok()) {
    return spdlog::error("the option file is not taken, nothing is changed error={}",
                         Quoted(std::string(status.message())));
  }
  Refusals none;
  CheckNiceness(false, fresh, none);
  const Json changed = Differences(fresh);
  const std::vector<std::string> needs_restart = fresh.needs_restart();
  Take(std::move(fresh), changed);
  spdlog::info("option file read again file={} changed={}", Quoted(state_.values().config),
               changed.size());
  for (const std::string& name : needs_restart) {
    spdlog::warn("needs a restart to change option={}", Quoted(name));
  }
}

void ServerConfiguration::WarnOfUnknownLayers() const {
  const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
  MutexLock lock(mutex_);
  for (const auto& [layer, section] : state_.sections()) {
    if (snapshot->FindLayer(layer) != nullptr) continue;
    spdlog::warn("the option file has a section of a layer that is not there layer={}",
                 Quoted(layer));
  }
}

void ServerConfiguration::Attach(const std::string& grpc_address, rpc::CallLog& call_log) {
  MutexLock lock(mutex_);
  about_["grpc_address"] = grpc_address;
  call_log_ = &call_log;
  call_log_->Change(state_.values().grpc.call_log);
}

ServerConfiguration::ShutdownTimes ServerConfiguration::shutdown_times() const {
  MutexLock lock(mutex_);
  return {state_.values().drain_seconds, state_.values().shutdown_seconds};
}

absl::Status ServerConfiguration::CheckEtag(const std::vector<std::string>& etags) const {
  if (etags.empty() || std::find(etags.begin(), etags.end(), Etag()) != etags.end()) {
    return absl::OkStatus();
  }
  return absl::AbortedError(
      absl::StrCat("etag: the configuration was changed meanwhile, its etag is ", Etag()));
}

void ServerConfiguration::CheckLayers(const Json& patch, Refusals& refusals) const {
  const auto layers = patch.find("layers");
  if (layers == patch.end() || !layers->is_object()) return;
  const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
  for (const auto& [layer, changes] : layers->items()) {
    // What was changed of a layer that has gone may be taken back.
    const bool takes_back =
        changes.is_null() || std::all_of(changes.begin(), changes.end(),
                                         [](const Json& value) { return value.is_null(); });
    if (takes_back || snapshot->FindLayer(layer) != nullptr) continue;
    refusals.push_back({layer, "", absl::NotFoundError("there is no such layer")});
  }
}

void ServerConfiguration::CheckNiceness(bool asked_for, OptionState& fresh,
                                        Refusals& refusals) const {
  constexpr char kName[] = "worker-nice";
  const int wanted = fresh.Find(kName)->value.get<int>();
  const OptionInForce before = *state_.Find(kName);
  if (wanted == before.value.get<int>() || parts_.scheduler.MayBeNice(wanted)) return;
  if (asked_for) {
    refusals.push_back({"", kName,
                        absl::FailedPreconditionError(absl::StrCat(
                            "the system lets workers only become nicer than ",
                            before.value.get<int>(), " (CAP_SYS_NICE lets them do both)"))});
  }
  fresh.Keep(before);
}

Json ServerConfiguration::Differences(const OptionState& fresh) const {
  Json changed = Json::array();
  for (const OptionInForce& now : fresh.in_force()) {
    const OptionInForce& before = *state_.Find(now.name);
    if (before.value == now.value) continue;
    changed.push_back({{"option", now.name},
                       {"old", before.value},
                       {"new", now.value},
                       {"source", SourceName(now.source)}});
  }
  AddLayerDifferences(fresh, changed);
  return changed;
}

void ServerConfiguration::AddLayerDifferences(const OptionState& fresh, Json& changed) const {
  const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
  for (const std::string& name : LayersNamedIn(state_, fresh)) {
    const registry::LiveLayer* const layer = snapshot->FindLayer(name);
    const Json before = config::BatchingJson(layer, OverriddenIn(state_, name));
    const Json now = config::BatchingJson(layer, OverriddenIn(fresh, name));
    for (const auto& [key, option] : now.items()) {
      if (before[key]["value"] == option["value"]) continue;
      changed.push_back({{"layer", name},
                         {"option", key},
                         {"old", before[key]["value"]},
                         {"new", option["value"]},
                         {"source", option["source"]}});
    }
  }
}

void ServerConfiguration::Take(OptionState fresh, const Json& changed) {
  const bool is_new = fresh.Changes() != state_.Changes() || !changed.empty() ||
                      ToJson(fresh.in_force()) != ToJson(state_.in_force());
  const OptionState before = std::exchange(state_, std::move(fresh));
  if (is_new) ++revision_;
  const auto log = [&changed] {
    for (const Json& one : changed) {
      const auto layer = one.find("layer");
      spdlog::info("configuration changed{} option={} old={} new={} source={}",
                   layer == one.end() ? "" : " layer=" + JsonText(*layer),
                   one["option"].get<std::string>(), JsonText(one["old"]), JsonText(one["new"]),
                   JsonText(one["source"]));
    }
  };
  // A log that is turned off or down tells of it first.
  const bool quieter = LogLevel(state_.values().log) > LogLevel(before.values().log);
  if (quieter) log();
  Apply(before);
  if (!quieter) log();
}

void ServerConfiguration::Apply(const OptionState& before) {
  const ServerOptions& values = state_.values();
  parts_.scheduler.SetLimits(values.scheduler);
  if (IsChanged(before, state_, "worker-nice")) {
    parts_.scheduler.SetNiceness(state_.Find("worker-nice")->value.get<int>());
  }
  parts_.primitives.SetBudget(static_cast<size_t>(values.primitive_cache_bytes));
  if (IsChanged(before, state_, "log-level") || IsChanged(before, state_, "log-format")) {
    ChangeLogging(values.log);
  }
  if (call_log_ != nullptr) call_log_->Change(values.grpc.call_log);
  const std::set<std::string> layers = LayersNamedIn(before, state_);
  for (const std::string& layer : layers) {
    parts_.overrides.For(layer)->Set(ValuesOf(state_.OverridesOf(layer)));
  }
  // Delays that are shorter now may be over.
  if (!layers.empty()) parts_.scheduler.Reconsider();
}

std::string ServerConfiguration::Etag() const { return absl::StrCat(start_, "-", revision_); }

}  // namespace convoy
