#include "server/loading/layer_source.h"

#include "absl/cleanup/cleanup.h"
#include "kernel/base/status_macros.h"

namespace convoy::loading {

using registry::LiveVersion;

absl::StatusOr<std::shared_ptr<const LiveVersion>> LayerSource::Load(
    int64_t version, const std::shared_ptr<const LiveVersion>& known) {
  const auto note =
      absl::MakeCleanup([this, start = Clock::now()] { parts_.log.OnLoad(Clock::now() - start); });
  CONVOY_ASSIGN_OR_RETURN(repository::LoadedVersion loaded,
                          parts_.repository.ReadVersion(name_, version, stop_));
  if (known != nullptr && known->checksums == loaded.checksums) return known;
  return parts_.compiler.Compile(name_, std::move(loaded), LayerCompiler::Timing::kKnown,
                                 live_.get());
}

}  // namespace convoy::loading
