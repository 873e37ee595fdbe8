// Counts the call objects that gRPC or a worker may still touch.
#ifndef CONVOY_SERVER_RPC_LIVE_CALLS_H_
#define CONVOY_SERVER_RPC_LIVE_CALLS_H_

#include <atomic>
#include <cstdint>

namespace convoy::rpc {

// A completion queue must not be shut down while an operation may still be
// started on it: a worker that answers a call, a stream that writes. The server
// waits here before it closes its queues.
//
// Thread-safe. Must outlive the threads that call Remove.
class LiveCalls {
 public:
  void Add() { count_.fetch_add(1, std::memory_order_relaxed); }

  void Remove() {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) count_.notify_all();
  }

  // Returns when there are none.
  void WaitForNone() const {
    for (int64_t count; (count = count_.load(std::memory_order_acquire)) != 0;) {
      count_.wait(count, std::memory_order_acquire);
    }
  }

  int64_t count() const { return count_.load(std::memory_order_acquire); }

 private:
  std::atomic<int64_t> count_{0};
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LIVE_CALLS_H_
