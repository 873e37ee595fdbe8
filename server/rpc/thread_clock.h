// Processor time of other threads of this process.
#ifndef CONVOY_SERVER_RPC_THREAD_CLOCK_H_
#define CONVOY_SERVER_RPC_THREAD_CLOCK_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace convoy::rpc {

// What the thread has used so far; 0 when it is gone. `id` is the system's
// (gettid).
std::chrono::nanoseconds ThreadCpu(pid_t id);

// The threads whose names begin so.
std::vector<pid_t> ThreadsNamed(const std::string& prefix);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_THREAD_CLOCK_H_
