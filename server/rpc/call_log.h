// What the log says of calls.
#ifndef CONVOY_SERVER_RPC_CALL_LOG_H_
#define CONVOY_SERVER_RPC_CALL_LOG_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/repeat_limit.h"
#include "server/metrics/request_report.h"

namespace convoy::rpc {

struct CallLogOptions {
  // "off" or "all": a line for every ModelInfer call.
  std::string access = "off";
  // Calls that took so long have a line in any case. 0: none has.
  double slow_seconds = 1;
};

// A ModelInfer call that is over. Texts of callers are not quoted yet, and may be long.
struct CallRecord {
  std::string_view layer;
  std::string_view version;  // empty if none was found
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string_view error;
  std::string_view id;
  std::string_view traceparent;
  std::string peer;
  metrics::Stages stages;  // of respond all of it, until gRPC had sent the answer
  int64_t input_bytes = 0;
  int64_t output_bytes = 0;
  int64_t batch_parts = 0;
};

// Writes one line for a call that somebody wants to know of: every one with access
// "all"; otherwise those that took long, and those that ended with a mistake of the
// server's own, each kind limited (RepeatLimit). No line has anything of a tensor.
//
// Thread-safe.
class CallLog {
 public:
  explicit CallLog(const CallLogOptions& options) { Change(options); }

  // From now on.
  void Change(const CallLogOptions& options);

  // Whether Write has something to write.
  bool Wants(absl::StatusCode code, std::chrono::nanoseconds time) const {
    return time.count() >= slow_nanoseconds_.load(std::memory_order_relaxed) || IsMistake(code) ||
           all_.load(std::memory_order_relaxed);
  }

  void Write(const CallRecord& call);

 private:
  // What a server without a bug does not answer with.
  static bool IsMistake(absl::StatusCode code) {
    return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown;
  }

  std::atomic<bool> all_{false};
  std::atomic<int64_t> slow_nanoseconds_{0};
  RepeatLimit slow_;
  RepeatLimit mistakes_;
};

// The line without its head: key=value, callers' texts quoted and cut.
std::string FieldsOf(const CallRecord& call);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CALL_LOG_H_
