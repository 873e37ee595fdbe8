// Where gRPC's and protobuf's own log lines go.
#ifndef CONVOY_SERVER_RPC_LIBRARY_LOG_H_
#define CONVOY_SERVER_RPC_LIBRARY_LOG_H_

#include <string>

#include "kernel/base/mutex.h"

namespace convoy::rpc {

// Sends both libraries' lines to the server's log from the first call on: gRPC's
// errors as warnings, everything else, such as protobuf's remarks about callers'
// bytes, at level debug. Process-wide; call it while no other thread uses gRPC.
void RouteLibraryLogs();

// While one exists, gRPC's errors are kept here instead of being logged: the
// library says nowhere else why it cannot listen.
//
// Thread-safe; at most one at a time. Needs RouteLibraryLogs.
class GrpcErrorCapture {
 public:
  GrpcErrorCapture();
  ~GrpcErrorCapture();
  GrpcErrorCapture(const GrpcErrorCapture&) = delete;
  GrpcErrorCapture& operator=(const GrpcErrorCapture&) = delete;

  // The operating system's words in the last error, such as "Address already in
  // use", or else the error's own first words; empty when there was none.
  std::string Reason() const;

 private:
  friend void KeepOrLogGrpcError(const char* message);

  mutable Mutex mutex_;
  std::string last_ ABSL_GUARDED_BY(mutex_);
};

// The reason in one of gRPC's nested error texts, as above.
std::string ReasonOfGrpcError(const std::string& text);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LIBRARY_LOG_H_
