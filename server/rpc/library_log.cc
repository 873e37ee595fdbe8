#include "server/rpc/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <string>

#include "server/base/repeat_limit.h"

namespace convoy::rpc {
namespace {

void LogProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  spdlog::debug("protobuf: {}", message);
}

void LogGrpc(gpr_log_func_args* line) {
  const bool error = line->severity == GPR_LOG_SEVERITY_ERROR;
  if (!error) return spdlog::debug("grpc: {}", line->message);
  static RepeatLimit limit;
  if (const auto left_out = limit.Take(RepeatLimit::Clock::now())) {
    spdlog::warn("grpc: {}{}", line->message, ShowLeftOut(*left_out));
  }
}

}  // namespace

void RouteLibraryLogs() {
  google::protobuf::SetLogHandler(LogProtobuf);
  gpr_set_log_function(LogGrpc);
}

}  // namespace convoy::rpc
