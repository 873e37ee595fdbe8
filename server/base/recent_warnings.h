// The last warnings and errors of the log.
#ifndef CONVOY_SERVER_BASE_RECENT_WARNINGS_H_
#define CONVOY_SERVER_BASE_RECENT_WARNINGS_H_

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace convoy {

struct LoggedWarning {
  std::chrono::system_clock::time_point time;  // of the last one
  std::string level;                           // "warn" or "error"
  std::string message;                         // cut at kMaxMessageBytes
  int64_t count = 1;                           // equal ones since the first that is remembered
};

// A place that log lines go to beside stderr. It keeps the last kMaxWarnings different
// ones of level warn and above, and of one kind the last kMaxOfKind: what comes again
// and again, with equal values or others, pushes nothing else out. A line's kind is what
// stands before its first value ("slow call layer=...").
//
// Thread-safe.
class RecentWarnings final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  static constexpr size_t kMaxWarnings = 50;
  static constexpr int kMaxOfKind = 10;
  static constexpr size_t kMaxMessageBytes = 1000;

  RecentWarnings() { set_level(spdlog::level::warn); }

  // The one that SetUpLogging has the log write to.
  static const std::shared_ptr<RecentWarnings>& OfThisProcess();

  // Newest first.
  std::vector<LoggedWarning> Latest();

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  std::list<LoggedWarning> warnings_;  // newest first; guarded by the base's mutex_
};

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_RECENT_WARNINGS_H_
