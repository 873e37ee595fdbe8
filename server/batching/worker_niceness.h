// How nice the workers are, and become.
#ifndef CONVOY_SERVER_BATCHING_WORKER_NICENESS_H_
#define CONVOY_SERVER_BATCHING_WORKER_NICENESS_H_

#include <sys/types.h>

#include <vector>

#include "kernel/base/mutex.h"

namespace convoy::batching {

// The system lets everybody become nicer, and few the contrary.
//
// Thread-safe.
class WorkerNiceness {
 public:
  // Added to the niceness that threads have anyway, 0 to 19.
  explicit WorkerNiceness(int niceness) : niceness_(niceness) {}

  // The calling thread takes it on, and what it becomes later.
  void Join();

  // Makes all that joined, and those to come, so nice. What the system refuses, a
  // sandbox's filter for example, is left as it was: MayBecome tells before.
  void Set(int niceness);

  // Whether the system lets the threads have the niceness: any that is not below theirs,
  // and others where the process may (CAP_SYS_NICE, or RLIMIT_NICE allows them).
  bool MayBecome(int niceness) const;

 private:
  struct Member {
    pid_t thread;
    int own;  // before it joined
  };

  mutable Mutex mutex_;
  int niceness_ ABSL_GUARDED_BY(mutex_);
  std::vector<Member> members_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_WORKER_NICENESS_H_
