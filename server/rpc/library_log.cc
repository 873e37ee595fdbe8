#include "server/rpc/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

namespace convoy::rpc {
namespace {

constexpr char kSystemError[] = "os_error:\"";
constexpr char kUnknownCode[] = "UNKNOWN:";

// Held while a capture is used, so that it cannot end meanwhile.
Mutex& CaptureMutex() {
  static Mutex mutex;
  return mutex;
}
GrpcErrorCapture* active_capture = nullptr;  // under CaptureMutex()

void LogProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  spdlog::debug("protobuf: {}", message);
}

}  // namespace

void KeepOrLogGrpcError(const char* message) {
  {
    MutexLock lock(CaptureMutex());
    if (active_capture != nullptr) {
      MutexLock text_lock(active_capture->mutex_);
      active_capture->last_ = message;
      return;
    }
  }
  spdlog::warn("grpc: {}", message);
}

void RouteLibraryLogs() {
  google::protobuf::SetLogHandler(LogProtobuf);
  gpr_set_log_function([](gpr_log_func_args* line) {
    if (line->severity == GPR_LOG_SEVERITY_ERROR) {
      KeepOrLogGrpcError(line->message);
    } else {
      spdlog::debug("grpc: {}", line->message);
    }
  });
}

GrpcErrorCapture::GrpcErrorCapture() {
  MutexLock lock(CaptureMutex());
  active_capture = this;
}

GrpcErrorCapture::~GrpcErrorCapture() {
  MutexLock lock(CaptureMutex());
  active_capture = nullptr;
}

std::string GrpcErrorCapture::Reason() const {
  MutexLock lock(mutex_);
  return ReasonOfGrpcError(last_);
}

std::string ReasonOfGrpcError(const std::string& text) {
  if (const size_t found = text.find(kSystemError); found != std::string::npos) {
    const size_t begin = found + sizeof(kSystemError) - 1;
    return text.substr(begin, text.find('"', begin) - begin);
  }
  size_t begin = text.find(kUnknownCode);
  begin = begin == std::string::npos ? 0 : begin + sizeof(kUnknownCode) - 1;
  return text.substr(begin, text.find(" {", begin) - begin);
}

}  // namespace convoy::rpc
