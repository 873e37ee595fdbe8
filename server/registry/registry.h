// The layers that can be called now.
#ifndef CONVOY_SERVER_REGISTRY_REGISTRY_H_
#define CONVOY_SERVER_REGISTRY_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/layer/conv1d.h"
#include "server/batching/layer_handle.h"
#include "server/metrics/metrics.h"
#include "server/metrics/version_statistics.h"
#include "server/registry/lazy_handle.h"
#include "server/repository/version_folder.h"

namespace convoy::registry {

// One version of one layer, compiled and ready. Immutable.
struct LiveVersion {
  std::string name;  // the layer's
  int64_t version = 0;
  std::string version_text;  // decimal, as the protocol carries it
  std::shared_ptr<const layer::Conv1D> layer;
  repository::ServingConfig serving;
  repository::Checksums checksums;
  bool tuned = false;  // its statements were timed on this machine
  std::shared_ptr<batching::LayerHandle> handle;
  // Its convolution without bias and activation; null where that is all that it is.
  std::shared_ptr<LazyHandle> convolution;
  // Is told of its work, and tells the layer's; never null in a snapshot.
  std::shared_ptr<metrics::LayerMetrics> metrics;
  // The same, for who asks; null where nobody keeps them.
  std::shared_ptr<metrics::VersionStatistics> statistics;

  // Memory of its weights, beside what the engine makes of them.
  int64_t weight_bytes() const;

  // What it runs as on this machine, for people; any thread may ask.
  std::string DescribeExecution() const;
};

// One layer that the repository has: what of it can be called, what cannot.
struct LiveLayer {
  std::string name;
  std::vector<std::shared_ptr<const LiveVersion>> versions;  // newest first
  std::vector<absl::Status> errors;                          // what could not be loaded, and why
  // The same, but somebody may still be writing it: not counted as an error.
  std::vector<absl::Status> incomplete;
  // A caller brought it; its folder, if there is one, is not looked at.
  bool given = false;
  std::shared_ptr<metrics::LayerMetrics> metrics;  // never null in a snapshot

  enum class State : uint8_t {
    kReady,       // a version can be called
    kIncomplete,  // somebody may still be writing the first one
    kBroken,      // not one version can be loaded
  };
  State state() const {
    if (!versions.empty()) return State::kReady;
    return errors.empty() ? State::kIncomplete : State::kBroken;
  }

  friend bool operator==(const LiveLayer&, const LiveLayer&) = default;
};

// "ready", "incomplete" or "broken".
const char* StateName(LiveLayer::State state);

// How many layers a snapshot has.
struct LayerCounts {
  int64_t callable = 0;
  int64_t broken = 0;  // not one version can be called
  int64_t errors = 0;
  int64_t incomplete = 0;
  int64_t versions = 0;      // that can be called
  int64_t weight_bytes = 0;  // of these
};

// An immutable view; a request keeps the one it started with.
class Snapshot {
 public:
  // Unless `complete`, the server is still starting and more layers are to come.
  // `unloaded` are names, sorted.
  explicit Snapshot(std::vector<LiveLayer> layers, bool complete = true,
                    std::vector<std::string> unloaded = {});

  // The named version, or the newest for an empty `version`. The pointer lives
  // as long as the snapshot.
  //   NOT_FOUND            no such layer, no such live version, or `version` is
  //                        not a positive decimal number.
  //   FAILED_PRECONDITION  the layer is known but none of its versions could be
  //                        loaded; the message says why.
  //   UNAVAILABLE          no such layer so far: the server is still starting.
  absl::StatusOr<const LiveVersion*> Find(std::string_view name, std::string_view version) const;

  // By name. Null when unknown.
  const LiveLayer* FindLayer(std::string_view name) const;

  // Sorted by name.
  const std::vector<LiveLayer>& layers() const { return layers_; }

  // Layers that callers took away until they are loaded again: for Find they are not
  // there. Sorted.
  const std::vector<std::string>& unloaded() const { return unloaded_; }

  LayerCounts Count() const;

  bool complete() const { return complete_; }

 private:
  std::vector<LiveLayer> layers_;
  std::vector<std::string> unloaded_;
  bool complete_;
  absl::flat_hash_map<std::string, size_t> by_name_;
};

// Publishes snapshots, and whether the server takes requests.
//
// Thread-safe.
class Registry {
 public:
  // Each of `required_layers` must be callable for the server to be ready.
  explicit Registry(std::vector<std::string> required_layers = {});

  std::shared_ptr<const Snapshot> snapshot() const;
  void Publish(std::shared_ptr<const Snapshot> snapshot);

  // OK from the first complete snapshot until Drain, while all required layers can be
  // called; otherwise UNAVAILABLE with the reason.
  absl::Status readiness() const;
  bool ready() const { return readiness().ok(); }
  // The server stops taking requests: health turns NOT_SERVING.
  void Drain();
  bool draining() const;

  // Calls `listener` after every change, on the changing thread. Listeners must
  // not block and must not call back into the registry's mutating methods.
  // Returns an id for RemoveListener.
  int AddListener(std::function<void()> listener);
  // When it returns the listener does not run and will not run any more.
  void RemoveListener(int id);

 private:
  void NotifyListeners();

  const std::vector<std::string> required_layers_;

  Mutex calling_;  // held while listeners run; taken before mutex_

  mutable Mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  int next_listener_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::btree_map<int, std::function<void()>> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::registry

#endif  // CONVOY_SERVER_REGISTRY_REGISTRY_H_
