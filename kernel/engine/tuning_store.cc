#include "kernel/engine/tuning_store.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/onednn.h"
#include "kernel/engine/problem.h"

namespace convoy::engine {
namespace {

// To be raised when statements or probed lengths change their meaning.
constexpr int kTunerVersion = 3;

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

// Whether what a store found can be ApplyTuning's.
bool Fits(const std::vector<TunedLength>& tuned, const std::vector<int64_t>& lengths) {
  int64_t last = 0;
  for (const TunedLength& length : tuned) {
    const bool known = std::binary_search(lengths.begin(), lengths.end(), length.outputs);
    if (!known || length.outputs <= last || !(length.seconds > 0)) return false;
    last = length.outputs;
  }
  return last == lengths.back() && tuned.front().outputs == lengths.front();
}

}  // namespace

absl::StatusOr<std::vector<TunedLength>> FindOrTune(const layer::Conv1D& layer,
                                                    const std::vector<int64_t>& lengths,
                                                    const TuningOptions& options,
                                                    TuningStore* store, Workspace& workspace) {
  if (store == nullptr) return Tune(layer, lengths, options, workspace);
  const std::string key = TuningKey(layer);
  const auto found = store->Find(key);
  if (found.has_value() && Fits(*found, lengths)) return *found;
  CONVOY_ASSIGN_OR_RETURN(std::vector<TunedLength> tuned, Tune(layer, lengths, options, workspace));
  store->Keep(key, tuned);
  return tuned;
}

std::string TuningKey(const layer::Conv1D& layer) {
  const Problem problem(layer);
  return absl::StrCat(
      "groups=", problem.groups(), " channels=", problem.channels(), " filters=", problem.filters(),
      " kernel=", problem.kernel_size(), " strides=", problem.strides(),
      " dilation=", problem.dilation_rate(), " bias=", problem.bias().empty() ? 0 : 1,
      " dtype=", layer.compute_dtype() == layer::DType::kBfloat16 ? "bfloat16" : "float32");
}

std::string TuningMachine() {
  const dnnl_version_t& version = *dnnl_version();
  return absl::StrCat(ProcessorName(), ", isa ", static_cast<int>(dnnl::get_effective_cpu_isa()),
                      ", oneDNN ", version.major, ".", version.minor, ".", version.patch,
                      ", tuner ", kTunerVersion);
}

}  // namespace convoy::engine
