// Takes connections and looks after them.
#ifndef CONVOY_SERVER_RPC_ACCEPTOR_H_
#define CONVOY_SERVER_RPC_ACCEPTOR_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "grpcpp/server_builder.h"
#include "kernel/base/mutex.h"
#include "server/base/descriptor.h"
#include "server/base/listening_socket.h"
#include "server/base/repeat_limit.h"
#include "server/rpc/arrivals.h"
#include "server/rpc/connection.h"
#include "server/rpc/departures.h"
#include "server/rpc/flood_guard.h"
#include "server/rpc/reader.h"
#include "server/rpc/suspects.h"

namespace convoy::rpc {

// A thread that accepts connections and hands each to gRPC, which then reads and
// writes it alone. The acceptor keeps a second descriptor of every connection for
// as long as it is open: to count them, and to cut those that flood, or that hold memory
// when there is too little. When gRPC has ended one, it stays open until its peer has read
// what was sent.
//
// Connections of an address that was cut a moment ago are let in one after the other, at
// a distance (Suspects).
//
// Handing over reads what has arrived already, so whoever floods can hold the thread
// that accepts. A second thread looks for both.
//
// Start and Stop are for one thread; the figures for any. Owns its threads and the
// sockets.
class Acceptor {
 public:
  using Taker = grpc::experimental::ExternalConnectionAcceptor;
  // gRPC's ends, for connections over TCP and over Unix sockets.
  struct Takers {
    std::unique_ptr<Taker> tcp;
    std::unique_ptr<Taker> unix_socket;
  };

  // At most `max_connections` are open at the same time; a further one is closed.
  Acceptor(std::vector<ListeningSocket> sockets, Takers takers, int max_connections);
  // Stops unless Stop was called.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // What the second thread looks at. All are thread-safe.
  struct Watched {
    // Who floods: whose bytes keep one of the threads that read them for longer than
    // this. 0: nobody is cut for it.
    std::chrono::nanoseconds flood_budget{0};
    // Finds these threads but for the acceptor's own.
    std::function<std::vector<Reader>()> readers;
    // Bytes of memory that the process takes beyond what it may; null: it is not known.
    std::function<int64_t()> memory_excess;
    // Called every few milliseconds while there are connections, unless null.
    std::function<void()> look;
  };

  // REQUIRES: the server that made the takers has started.
  void Start(Watched watched);

  // Closes the listening sockets and joins the thread that accepts; connections stay
  // gRPC's, and floods are still cut, so that no flood can hold this or the server's
  // end: gRPC may have the calling thread read when it ends the server. Idempotent.
  // REQUIRES: that server was not shut down yet.
  void Close();

  // Returns when the peers of all connections have read what was sent to them and closed,
  // or at `until`.
  // REQUIRES: it is closed, and gRPC's server has been shut down.
  void WaitForPeers(Departures::Clock::time_point until);

  // Closes, and cuts no more. Idempotent.
  // REQUIRES: the threads that Watched::readers finds still run.
  void Stop();

  // Connections that are open, those that were closed because there were too many,
  // and those that were cut because they flooded the server, or because they held
  // memory that there was too little of.
  int64_t open() const { return open_.load(std::memory_order_relaxed); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  int64_t floods() const { return floods_.count.load(std::memory_order_relaxed); }
  int64_t hoarders() const { return hoarders_.count.load(std::memory_order_relaxed); }
  // Those that had to wait because others of their address were cut.
  int64_t delayed() const { return delayed_.load(std::memory_order_relaxed); }

 private:
  // What connections are cut for.
  struct Offence {
    const char* line;  // in the log
    std::atomic<int64_t> count{0};
    RepeatLimit limit;
  };

  void Run();
  // What epoll says about one descriptor.
  void OnReady(int fd, uint32_t events);
  void Accept(const ListeningSocket& socket);
  // Lets it in, now or later, unless there are too many.
  void LetIn(const ListeningSocket& socket, Descriptor accepted);
  // Keeps a second descriptor, whose number this is; none if it may not be served.
  std::optional<int> Keep(const Descriptor& accepted);
  // When it may be handed over; none if too many of its address wait.
  std::optional<Suspects::Clock::time_point> Admit(int fd);
  void HandOver(Arrival arrival);
  void Forget(int fd);
  void Drop(int fd);
  void CountOpen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Guard(const std::stop_token& stop);
  std::vector<Reader> FindReaders() const;
  void CutFlood(FloodGuard& guard) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Cut(const Connection& connection, Offence& offence) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CutHoarders(int64_t excess);
  void LookAtEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Takers takers_;
  const size_t max_connections_;
  const Descriptor epoll_;
  const Descriptor wake_;  // readable when the thread that accepts is to end
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> refused_{0};
  Offence floods_{"cut a connection that flooded the server with frames"};
  Offence hoarders_{"cut a connection that held memory while there was too little"};
  std::atomic<int64_t> delayed_{0};
  std::atomic<pid_t> id_{0};         // of the thread that accepts; then of Close's
  std::atomic<uint64_t> handed_{0};  // how often it has come back from gRPC

  // Of the thread that accepts while it runs.
  std::vector<ListeningSocket> sockets_;
  Arrivals waiting_;  // to be let in
  bool stopping_ = false;

  Mutex mutex_;
  CondVar changed_;  // there are connections, or the guard is to stop
  // By descriptor; in departures_ are those that gRPC has ended.
  std::map<int, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  Departures departures_ ABSL_GUARDED_BY(mutex_);
  Suspects suspects_ ABSL_GUARDED_BY(mutex_);

  Watched watched_;
  std::thread thread_;
  std::jthread guard_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_ACCEPTOR_H_
