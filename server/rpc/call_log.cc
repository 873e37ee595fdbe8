#include "server/rpc/call_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/rpc/traceparent.h"

namespace convoy::rpc {
namespace {

constexpr size_t kMaxBytes = 128;        // of a caller's text
constexpr size_t kMaxErrorBytes = 1024;  // which may have some of them

std::string Shown(std::string_view text, size_t most = kMaxBytes) {
  return Quoted(text.size() <= most ? std::string(text)
                                    : std::string(text.substr(0, most)) + "...");
}

int64_t Microseconds(std::chrono::nanoseconds time) { return time.count() / 1000; }

}  // namespace

std::string FieldsOf(const CallRecord& call) {
  std::string line = absl::StrCat("layer=", Shown(call.layer));
  if (!call.version.empty()) absl::StrAppend(&line, " version=", std::string(call.version));
  absl::StrAppend(&line, " code=", absl::StatusCodeToString(call.code));
  if (!call.error.empty()) absl::StrAppend(&line, " error=", Shown(call.error, kMaxErrorBytes));
  if (!call.id.empty()) absl::StrAppend(&line, " id=", Shown(call.id));
  if (const auto trace = ParseTraceparent(call.traceparent)) {
    absl::StrAppend(&line, " trace_id=", std::string(trace->trace_id),
                    " parent_id=", std::string(trace->parent_id));
  }
  absl::StrAppend(&line, " peer=", call.peer, " total_us=", Microseconds(call.stages.total()),
                  " decode_us=", Microseconds(call.stages.decode),
                  " queue_us=", Microseconds(call.stages.queue),
                  " compute_us=", Microseconds(call.stages.compute),
                  " respond_us=", Microseconds(call.stages.respond),
                  " input_bytes=", call.input_bytes, " output_bytes=", call.output_bytes,
                  " batch_parts=", call.batch_parts);
  return line;
}

void CallLog::Change(const CallLogOptions& options) {
  all_ = options.access == "all";
  // Hundreds of years are as good as never.
  constexpr double kMost = 1e9;
  slow_nanoseconds_ = options.slow_seconds > 0
                          ? static_cast<int64_t>(std::min(options.slow_seconds, kMost) * 1e9)
                          : std::numeric_limits<int64_t>::max();
}

void CallLog::Write(const CallRecord& call) {
  const RepeatLimit::Clock::time_point now = RepeatLimit::Clock::now();
  if (IsMistake(call.code)) {
    if (const std::optional<uint64_t> left_out = mistakes_.Take(now)) {
      spdlog::error("call failed {}{}", FieldsOf(call), ShowLeftOut(*left_out));
    }
  } else if (call.stages.total().count() >= slow_nanoseconds_.load(std::memory_order_relaxed)) {
    if (const std::optional<uint64_t> left_out = slow_.Take(now)) {
      spdlog::warn("slow call {}{}", FieldsOf(call), ShowLeftOut(*left_out));
    }
  }
  if (all_.load(std::memory_order_relaxed)) spdlog::info("call {}", FieldsOf(call));
}

}  // namespace convoy::rpc
