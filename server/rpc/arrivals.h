// Connections that are accepted and not let in yet.
#ifndef CONVOY_SERVER_RPC_ARRIVALS_H_
#define CONVOY_SERVER_RPC_ARRIVALS_H_

#include <chrono>
#include <map>
#include <optional>

#include "server/base/descriptor.h"
#include "server/base/listening_socket.h"

namespace convoy::rpc {

struct Arrival {
  Descriptor socket;
  int fd;  // of its Connection
  const ListeningSocket* listener;
};

// By the time at which they are let in. For one thread.
class Arrivals {
 public:
  using Clock = std::chrono::steady_clock;

  void Add(Clock::time_point at, Arrival arrival);

  // Its peer is gone, or nobody is let in any more: the socket is closed.
  void Remove(int fd);

  // The next one whose time has come; none if there is none.
  std::optional<Arrival> Take(Clock::time_point now);

  // Milliseconds from `now` to the next one's time; -1 when nobody waits, as poll wants it.
  int UntilNext(Clock::time_point now) const;

  bool empty() const { return all_.empty(); }
  // REQUIRES: not empty.
  const Arrival& next() const { return all_.begin()->second; }

 private:
  std::multimap<Clock::time_point, Arrival> all_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_ARRIVALS_H_
