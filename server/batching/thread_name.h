// Names threads, so that a profile or `top -H` tells who is busy.
#ifndef CONVOY_SERVER_BATCHING_THREAD_NAME_H_
#define CONVOY_SERVER_BATCHING_THREAD_NAME_H_

#include <pthread.h>

#include <string>

namespace convoy::batching {

// The calling thread's name; the kernel keeps 15 characters.
inline void SetThreadName(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_THREAD_NAME_H_
