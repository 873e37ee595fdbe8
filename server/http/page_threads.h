// The threads that make pages.
#ifndef CONVOY_SERVER_HTTP_PAGE_THREADS_H_
#define CONVOY_SERVER_HTTP_PAGE_THREADS_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "kernel/base/mutex.h"

namespace convoy::http {

// Runs jobs in the order of their arrival, a few at once. The caller bounds how many
// wait.
//
// Thread-safe. Owns its threads.
class PageThreads {
 public:
  explicit PageThreads(int threads);

  // Drops what has not begun, waits for what has.
  ~PageThreads();
  PageThreads(const PageThreads&) = delete;
  PageThreads& operator=(const PageThreads&) = delete;

  void Run(std::function<void()> job);

 private:
  void Work();

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_PAGE_THREADS_H_
