// Connections that gRPC has ended and peers still read.
#ifndef CONVOY_SERVER_RPC_DEPARTURES_H_
#define CONVOY_SERVER_RPC_DEPARTURES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "server/rpc/connection.h"

namespace convoy::rpc {

// A peer has as long as it likes to fetch what was sent, as long as it fetches something
// within every `patience`: then it may be anywhere, or gone. What it sends meanwhile is
// of no use to anybody, but has to be taken, so that its last word comes through.
//
// For one thread.
class Departures {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Departures(std::chrono::nanoseconds patience) : patience_(patience) {}

  // `epoll` then tells what its peer sends.
  void Add(Connection connection, int epoll, Clock::time_point now);
  // The peer is gone, or has been let go of.
  void Remove(int fd) { all_.erase(fd); }
  void Clear() { all_.clear(); }

  // What the peer has sent.
  void Drop(int fd);
  // Lets go of those who have fetched nothing for too long: epoll reports their end.
  void Look(Clock::time_point now);

  size_t size() const { return all_.size(); }

 private:
  struct Departure {
    Connection connection;
    int64_t unread_bytes;
    Clock::time_point since;  // it has been so many
    int64_t dropped_bytes = 0;
  };

  const std::chrono::nanoseconds patience_;
  std::map<int, Departure> all_;  // by descriptor
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_DEPARTURES_H_
