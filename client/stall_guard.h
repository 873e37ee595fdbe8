// Ends a stream that does not move.
#ifndef CONVOY_CLIENT_STALL_GUARD_H_
#define CONVOY_CLIENT_STALL_GUARD_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace convoy::client {

// Cancels the call of `context` when Moved was not called for `patience`: a long stream
// may take as long as it likes, a dead one not.
//
// Thread-safe. The context must outlive it.
class StallGuard {
 public:
  StallGuard(grpc::ClientContext& context, absl::Duration patience);
  ~StallGuard();
  StallGuard(const StallGuard&) = delete;
  StallGuard& operator=(const StallGuard&) = delete;

  void Moved();
  // Whether it cancelled the call.
  bool stalled() const;

 private:
  void Watch();

  grpc::ClientContext& context_;
  const absl::Duration patience_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool moved_ = false;
  bool ending_ = false;
  bool stalled_ = false;

  std::thread thread_;  // not started where the patience has no end
};

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_STALL_GUARD_H_
