// Decides what to load of one layer, and when.
#ifndef CONVOY_SERVER_LOADING_LAYER_TRACKER_H_
#define CONVOY_SERVER_LOADING_LAYER_TRACKER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/loading/version_source.h"
#include "server/registry/registry.h"

namespace convoy::loading {

using Clock = std::chrono::steady_clock;

struct TrackingTimes {
  // A version's files are settled when they have not changed for so long.
  Clock::duration settle = std::chrono::milliseconds(200);
  // Settled files that cannot be loaded are incomplete until they have not changed for
  // so long; then they are an error.
  Clock::duration incomplete = std::chrono::seconds(5);
  // What may go better another time is tried again after so long.
  Clock::duration retry = std::chrono::seconds(5);
};

// Something happened that the log and the metrics tell, once.
struct LayerEvent {
  enum class Kind {
    kLoaded,
    kUnchanged,  // looked changed, but has the same bytes
    kFailed,
    kUnloaded,
  };
  Kind kind = Kind::kLoaded;
  int64_t version = 0;  // 0: the layer's folder itself
  absl::Status status;  // of kFailed
};

// What a look at the folder gave.
struct LayerNews {
  // What is to be live; nothing while the folder shows nothing.
  std::optional<registry::LiveLayer> layer;
  // The folder is not there any more: there is nothing left to track.
  bool gone = false;
  // The versions that were looked at: a change of others changes nothing.
  std::vector<int64_t> versions;
  // Look again then, even if nobody tells of a change.
  Clock::time_point next = Clock::time_point::max();
  std::vector<LayerEvent> events;
};

// Follows one layer's folder from look to look.
//
// The newest loadable versions are to be live, as many as serving.json of the newest
// says. A version that is live stays so, as it was loaded, until others have taken
// its place: nothing that happens to files between two settled states touches it, and
// content that cannot be loaded never replaces content that was.
//
// Not thread-safe. Time is an argument.
class LayerTracker {
 public:
  explicit LayerTracker(std::string name, const TrackingTimes& times = {})
      : name_(std::move(name)), times_(times) {}

  // Looks at the folder and loads what is settled. `at_start` takes everything for
  // settled: there is nothing to serve meanwhile, and who starts a server wants to be
  // told of errors at once.
  LayerNews Look(VersionSource& source, Clock::time_point now, bool at_start = false);

  // `fresh` is `stale`, made anew from the same bytes. Returns whether that is still
  // what is live.
  bool Replace(const registry::LiveVersion& stale,
               std::shared_ptr<const registry::LiveVersion> fresh);

 private:
  // One version's folder.
  struct Folder {
    std::optional<repository::VersionStamp> stamp;
    Clock::time_point since;  // when this stamp was first seen
    bool tried = false;       // loaded, or not, as it is
    bool at_start = false;    // tried at the start
    std::optional<Clock::time_point> retry;
    std::optional<Clock::time_point> missing;  // since when it is not listed
    absl::Status problem;                      // of the last try
    bool told = false;                         // the problem is an event already
    std::shared_ptr<const registry::LiveVersion> live;
  };
  using Folders = std::map<int64_t, Folder, std::greater<>>;  // newest first

  // One look.
  struct Walk {
    VersionSource& source;
    const Clock::time_point now;
    const bool at_start;
    const bool readable;   // the layer's folder
    bool pending = false;  // a version may be loadable soon
    LayerNews news;
  };

  void Note(const absl::StatusOr<repository::LayerListing>& listing, Walk& walk);
  void FindLive(Walk& walk);
  // Whether the version's folder is gone for good.
  bool HasLeft(const Folder& folder, const Walk& walk) const;
  // Brings one version up to date.
  void Refresh(int64_t version, Folder& folder, Walk& walk) const;
  void Load(int64_t version, Folder& folder, Walk& walk) const;
  void Report(int64_t version, Folder& folder, Walk& walk) const;
  void ReportLayer(Walk& walk);
  // Whether what has not changed `since` is an error by now.
  bool IsError(Clock::time_point since, bool at_start, Walk& walk) const;
  // Forgets a version, and says so if it was live. Returns the next one.
  Folders::iterator Drop(Folders::iterator folder, Walk& walk);

  const std::string name_;
  const TrackingTimes times_;
  Folders folders_;

  // Of the layer's folder itself.
  std::vector<absl::Status> problems_;
  Clock::time_point problems_since_;
  bool problems_at_start_ = false;
  bool problems_told_ = false;
  std::optional<Clock::time_point> gone_;  // since when it is not there
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_TRACKER_H_
