// Threads for calls that take longer than a poller may.
#ifndef CONVOY_SERVER_RPC_CALL_THREADS_H_
#define CONVOY_SERVER_RPC_CALL_THREADS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "kernel/base/mutex.h"

namespace convoy::rpc {

// Runs jobs in the order of their arrival, a few at once. What waits is bounded in
// number and in bytes.
//
// Thread-safe. Owns its threads, which stand back behind those that serve.
class CallThreads {
 public:
  struct Options {
    std::string name;  // of the threads
    int threads = 1;
    size_t max_waiting = 64;
    // Of the messages that wait; a single one may be larger.
    int64_t max_waiting_bytes = int64_t{64} << 20;
    int niceness = 0;
  };

  explicit CallThreads(const Options& options);

  // Waits until all that was taken has been run.
  ~CallThreads();
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

  // Takes a job for a message of `bytes`.
  //   RESOURCE_EXHAUSTED  too much waits; the job is dropped.
  absl::Status Run(int64_t bytes, std::function<void()> job);

  // Takes a further job of a call that has begun, however many wait.
  // REQUIRES: such a call has one at a time, and their number is bounded.
  void Continue(std::function<void()> job);

 private:
  struct Job {
    int64_t bytes;
    std::function<void()> run;
  };

  void Work();

  const Options options_;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  int64_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CALL_THREADS_H_
