#include "client/tool/weights_file.h"

#include <chrono>
#include <cstdint>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace convoy::tool {
namespace {

using std::chrono::steady_clock;

// One line that is written over and over, at most some times a second.
class ProgressLine {
 public:
  ProgressLine(const ToolContext& context, std::string path, int64_t size)
      : context_(context), path_(OneLine(path)), size_(size) {}

  // Ends the line, if there is one.
  ~ProgressLine() {
    if (shown_) context_.err << std::endl;
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(int64_t sent) {
    constexpr std::chrono::milliseconds kPause{200};
    constexpr int64_t kLong = int64_t{8} << 20;
    const steady_clock::time_point now = steady_clock::now();
    const bool due = now - last_ >= kPause || (size_ >= kLong && (!shown_ || sent == size_));
    if (!context_.terminal || !due) return;
    shown_ = true;
    last_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    context_.err << absl::StrFormat("\r%s: %3.0f %% of %.1f MB, %.1f MB/s ", path_,
                                    1e2 * static_cast<double>(sent) / static_cast<double>(size_),
                                    static_cast<double>(size_) / 1e6,
                                    static_cast<double>(sent) / 1e6 / seconds)
                 << std::flush;
  }

 private:
  const ToolContext& context_;
  const std::string path_;
  const int64_t size_;
  const steady_clock::time_point begun_ = steady_clock::now();
  steady_clock::time_point last_ = begun_;
  bool shown_ = false;
};

}  // namespace

Outcome SendWeights(const ToolContext& context, const client::LayerClient& server,
                    const std::string& path, convoy::v1::Weights& weights) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<int64_t>(file.tellg());
  if (!file.good() || size < 0) {
    return BadUsage(absl::NotFoundError(absl::StrCat(path, ": cannot be read")));
  }
  file.seekg(0);
  ProgressLine progress(context, path, size);
  absl::StatusOr<std::string> sha256 =
      server.Upload(file, size, [&](int64_t sent) { progress.Show(sent); });
  if (!sha256.ok() && !file.good()) {
    return BadUsage(
        absl::Status(sha256.status().code(), absl::StrCat(path, ": ", sha256.status().message())));
  }
  if (!sha256.ok()) return Refused(sha256.status());
  weights.set_uploaded_sha256(*std::move(sha256));
  return {};
}

}  // namespace convoy::tool
