#include "server/loading/layer_editor.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "kernel/base/status_macros.h"
#include "server/repository/layer_name.h"

namespace convoy::loading {
namespace {

absl::Status TakenAway(const std::string& name, int64_t version) {
  return absl::AbortedError(absl::StrCat(name, "/", version, ": was taken away again meanwhile"));
}

// Why a version that is on the disk is not live.
absl::Status WhyNotLive(const registry::LiveLayer* layer, const std::string& name,
                        int64_t version) {
  const std::string place = absl::StrCat(name, "/", version);
  if (layer != nullptr) {
    for (const absl::Status& error : layer->errors) {
      const std::string message(error.message());
      if (message.starts_with(place)) return error;
    }
    if (!layer->errors.empty()) return layer->errors.front();
  }
  return TakenAway(name, version);
}

}  // namespace

absl::StatusOr<int64_t> LayerEditor::CreateVersion(const std::string& layer,
                                                   const std::vector<repository::NewFile>& files,
                                                   const repository::WriteCondition& condition) {
  CONVOY_ASSIGN_OR_RETURN(const repository::WrittenVersion version,
                          writer_.CreateVersion(layer, files, condition));
  return Publish(layer, version);
}

absl::StatusOr<int64_t> LayerEditor::Rollback(const std::string& layer, int64_t version,
                                              const repository::WriteCondition& condition) {
  CONVOY_ASSIGN_OR_RETURN(const repository::WrittenVersion fresh,
                          writer_.Rollback(layer, version, condition));
  return Publish(layer, fresh);
}

absl::StatusOr<int64_t> LayerEditor::Publish(const std::string& layer,
                                             const repository::WrittenVersion& written) {
  const int64_t version = written.number;
  bool unloaded = false;
  int64_t keep = keep_versions_;
  absl::Status status = RunThere([&] {
    unloaded = follower_.IsUnloaded(layer);
    follower_.LookNow(layer);
  });
  if (status.ok() && !unloaded) {
    const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
    const registry::LiveLayer* const live = snapshot->FindLayer(layer);
    if (live == nullptr || live->versions.empty() || live->versions.front()->version < version) {
      status = WhyNotLive(live, layer, version);
    } else {
      keep = std::max(keep, live->versions.front()->serving.live_versions);
    }
  }
  if (!status.ok()) {
    const absl::Status withdrawn = writer_.Withdraw(layer, written);
    LookNow(layer).IgnoreError();
    // It was read while somebody deleted it: what that found is not the caller's fault.
    return absl::IsNotFound(withdrawn) ? TakenAway(layer, version) : status;
  }
  // What cannot be pruned now is when the next version comes.
  writer_.Prune(layer, keep).IgnoreError();
  return version;
}

absl::Status LayerEditor::Delete(const std::string& layer, bool with_foreign,
                                 const repository::WriteCondition& condition) {
  CONVOY_RETURN_IF_ERROR(writer_.Delete(layer, with_foreign, condition));
  return RunThere([&] {
    if (follower_.IsUnloaded(layer)) follower_.SetUnloaded(layer, false);
    follower_.LookNow(layer);
  });
}

absl::Status LayerEditor::Unload(const std::string& layer) {
  bool known = false;
  CONVOY_RETURN_IF_ERROR(RunThere([&] {
    known = registry_.snapshot()->FindLayer(layer) != nullptr || follower_.IsUnloaded(layer);
    if (known) follower_.SetUnloaded(layer, true);
  }));
  return known ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("no layer '", layer, "'"));
}

absl::Status LayerEditor::Load(const std::string& layer) {
  CONVOY_RETURN_IF_ERROR(repository::CheckLayerName(layer));
  absl::Status loaded;
  CONVOY_RETURN_IF_ERROR(RunThere([&] {
    const std::shared_ptr<const registry::Snapshot> before = registry_.snapshot();
    const bool unloaded = follower_.IsUnloaded(layer);
    follower_.SetUnloaded(layer, false);
    follower_.LookNow(layer);
    loaded = registry_.snapshot()->Find(layer, "").status();
    if (loaded.ok() || !unloaded) return;
    // An error changes nothing.
    const registry::LiveLayer* const given = before->FindLayer(layer);
    if (given != nullptr) {
      follower_.Give(given->versions.front());
    } else if (!absl::IsNotFound(loaded)) {
      follower_.SetUnloaded(layer, true);
    }
  }));
  return loaded;
}

absl::Status LayerEditor::Give(const std::shared_ptr<const registry::LiveVersion>& version) {
  return RunThere([&] { follower_.Give(version); });
}

absl::Status LayerEditor::LookNow(const std::string& layer) {
  return RunThere([&] { follower_.LookNow(layer); });
}

absl::Status LayerEditor::RunThere(const std::function<void()>& task) {
  // The thread that follows has others to load first.
  if (!registry_.snapshot()->complete()) return absl::UnavailableError("the server is starting");
  absl::Notification done;
  const bool taken = follower_.Post([&] {
    task();
    done.Notify();
  });
  if (!taken) return absl::UnavailableError("the server is shutting down");
  done.WaitForNotification();
  return absl::OkStatus();
}

}  // namespace convoy::loading
