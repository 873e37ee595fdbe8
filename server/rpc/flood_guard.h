// Finds connections that keep gRPC reading and nothing else.
#ifndef CONVOY_SERVER_RPC_FLOOD_GUARD_H_
#define CONVOY_SERVER_RPC_FLOOD_GUARD_H_

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "server/rpc/connection.h"
#include "server/rpc/reader.h"

namespace convoy::rpc {

// gRPC reads a connection until nothing waits in its socket. Frames without
// payload are not held back by flow control: a peer that sends them faster than
// they are processed (streams that are opened and reset, pings, settings) keeps
// the reading thread in one call of gRPC for as long as it likes. Meanwhile nobody
// else is served, nothing is sent, and every stream that was opened keeps some
// 10 KB.
//
// There is a flood if a thread has spent its budget of processor time in one call of
// gRPC, and over the second half of it few bytes were taken for that time, of all
// connections together: messages, however many bring them at a time, are read ten times
// as fast as such frames, or more. The flood is the connection of which half of all or
// more was taken, if more was always waiting, and nothing was sent on it. One at
// a time is cut, so that those who are held up by it are not taken for it.
//
// For one thread.
class FloodGuard {
 public:
  // Few bytes: each took more than `least` nanoseconds of processor time. Where each took
  // more than `most`, it is not for this guard to say.
  FloodGuard(std::chrono::nanoseconds budget, int64_t least,
             int64_t most = std::numeric_limits<int64_t>::max())
      : budget_(budget), least_(least), most_(most) {}

  // What reads from now on: all readers, in the same order as before if they are the
  // same ones. When their number changes, everybody begins with a full budget.
  void Watch(std::vector<Reader> readers);

  // To be called every few milliseconds, with all connections by descriptor.
  // Returns one that floods, or null.
  const Connection* Look(const std::map<int, Connection>& connections);

 private:
  // The longest of the present calls.
  std::chrono::nanoseconds LongestStay();
  void Restart();
  // The flood since the first look, `cpu` ago, if there is one.
  const Connection* Find(const std::map<int, Connection>& connections,
                         std::chrono::nanoseconds cpu) const;

  const std::chrono::nanoseconds budget_;
  const int64_t least_;
  const int64_t most_;
  std::vector<Reader> readers_;
  std::vector<Stay> stays_;                         // of readers_
  std::map<int, Connection::Progress> first_look_;  // by descriptor; at half the budget
  std::chrono::nanoseconds first_stay_{0};          // when that was
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_FLOOD_GUARD_H_
