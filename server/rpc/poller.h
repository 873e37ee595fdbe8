// The threads of one completion queue.
#ifndef CONVOY_SERVER_RPC_POLLER_H_
#define CONVOY_SERVER_RPC_POLLER_H_

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "grpcpp/completion_queue.h"
#include "kernel/base/mutex.h"
#include "server/rpc/infer_backend.h"
#include "server/rpc/reader.h"

namespace convoy::rpc {

// Runs the events of a queue, one at a time, until the queue is shut down and empty.
// Every tag of the queue must be a QueueEvent.
//
// Owns its threads; the destructor joins them. The queue and the back end must
// outlive it, and the queue must be shut down first.
//
// One thread serves the queue, and so gathers what comes. After an event that gave the
// back end work it asks the queue, without waiting, for a further one; only when there
// is none it runs what is small enough for this thread. So a single request never pays
// a hand-over to another thread, and many at once gather into one batch.
//
// gRPC reads a connection for as long as something waits in its socket, in the thread
// that asks for events: a flood or a large message can hold it, and nobody else is
// served. Then another thread takes over, and the one that was held stands by when it
// comes back. For some seconds those who stand by watch closely, as a flood comes
// seldom alone; otherwise they sleep. An event that the held thread brings may run after
// ones that came later.
class Poller {
 public:
  static constexpr int kThreads = 3;

  // `name` is the first thread's, at most 14 bytes; the others have a letter behind it.
  Poller(const std::string& name, grpc::CompletionQueue& queue, InferBackend& backend);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Its threads, for whoever watches over them for as long as it is.
  std::array<Reader, kThreads> readers() const;

  // Wakes those who stand by if the thread that serves is held. To be called every few
  // milliseconds while there are connections, by one thread.
  void Look();

 private:
  using Clock = std::chrono::steady_clock;

  struct Server {
    // Of the thread.
    bool work_may_wait = false;
    int events_since_run = 0;
    // Written by the thread.
    std::atomic<uint64_t> passages{0};  // into gRPC and out of it: odd inside
    std::atomic<pid_t> id{0};

    std::thread thread;
  };

  // How long the thread that serves has been in one call of gRPC, as one who looks again
  // and again sees it.
  class Watch {
   public:
    std::chrono::nanoseconds Look(const Server& server);

   private:
    const Server* server_ = nullptr;
    Stay stay_;
  };

  static Reader ReaderOf(const Server& server);
  void Run(Server& server, const std::string& name);
  // Stands by until it is to serve. Returns false at the end.
  bool WaitForTurn(Server& server);
  // Takes over if the one that serves is held.
  void TakeOverIfHeld(Server& server, Watch& watch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Serves again, when it comes back with an event while others watch: of two threads that
  // work on the same connection, gRPC gives the work of one to threads of its own, which
  // may be held.
  void TakeBack(Server& server);
  void End();
  // One event, or none and some small work. Returns false at the queue's end.
  bool Step(Server& server);
  // The next event, for which it waits if it may.
  grpc::CompletionQueue::NextStatus Next(Server& server, bool waits, void** tag, bool* ok);

  grpc::CompletionQueue& queue_;
  InferBackend& backend_;

  Mutex events_;  // held while one runs

  Mutex mutex_;
  CondVar changed_;
  Clock::time_point watch_until_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  // Those who stand by watch, and which one serves: written with mutex_ held.
  std::atomic<bool> watching_{false};
  std::atomic<Server*> serving_{nullptr};

  std::array<Server, kThreads> servers_;

  Watch guard_;  // of the thread that looks
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_POLLER_H_
