// Finds connections that keep gRPC reading and nothing else.
#ifndef CONVOY_SERVER_RPC_FLOOD_GUARD_H_
#define CONVOY_SERVER_RPC_FLOOD_GUARD_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "server/rpc/connection.h"

namespace convoy::rpc {

// gRPC reads a connection until nothing waits in its socket. Frames without
// payload are not held back by flow control: a peer that sends them faster than
// they are processed (streams that are opened and reset, pings, settings) keeps
// the reading thread in one call of gRPC for as long as it likes. Meanwhile nobody
// else is served, nothing is sent, and every stream that was opened keeps some
// 10 KB.
//
// A connection floods if a thread has spent its budget of processor time in one
// call of gRPC, and over the second half of it gRPC took bytes of the connection,
// but few for that time, more was always waiting, and nothing was sent on it. Whoever
// sends a large message may be allowed all of it at once, so that nothing is sent for
// long; but its bytes are read ten times as fast as such frames, or more.
//
// For one thread.
class FloodGuard {
 public:
  // A thread that reads connections. Both are thread-safe.
  struct Reader {
    std::function<uint64_t()> returns;              // how often gRPC has given it back
    std::function<std::chrono::nanoseconds()> cpu;  // processor time so far
  };

  explicit FloodGuard(std::chrono::nanoseconds budget) : budget_(budget) {}

  // What reads from now on: all readers, in the same order as before if they are the
  // same ones. When their number changes, everybody begins with a full budget.
  void Watch(std::vector<Reader> readers);

  // To be called every few milliseconds, with all connections by descriptor.
  // Returns those that flood.
  std::vector<const Connection*> Look(const std::map<int, Connection>& connections);

 private:
  // One reader's present call of gRPC.
  struct Stay {
    uint64_t returns = 0;
    std::chrono::nanoseconds since{0};  // its processor time when the call began
  };

  // The longest of the present calls.
  std::chrono::nanoseconds LongestStay();
  void Restart();

  const std::chrono::nanoseconds budget_;
  std::vector<Reader> readers_;
  std::vector<Stay> stays_;                         // of readers_
  std::map<int, Connection::Progress> first_look_;  // by descriptor; at half the budget
  std::chrono::nanoseconds first_stay_{0};          // when that was
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_FLOOD_GUARD_H_
