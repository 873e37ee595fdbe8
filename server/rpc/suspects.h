// Addresses whose connections were cut a moment ago.
#ifndef CONVOY_SERVER_RPC_SUSPECTS_H_
#define CONVOY_SERVER_RPC_SUSPECTS_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace convoy::rpc {

// Who floods comes again as soon as it is cut, and each time costs what it takes to notice
// it. So further connections of its address are let in at a distance from each other: the
// first one waits, too. Callers with the same address, as behind a proxy, wait with it.
//
// For one thread.
class Suspects {
 public:
  using Clock = std::chrono::steady_clock;

  // How long an address is suspect, and the distance between two of its connections.
  static constexpr std::chrono::seconds kTime{10};
  static constexpr std::chrono::milliseconds kDistance{250};
  // Of one address; a further connection is not let in.
  static constexpr int kMaxWaiting = 32;

  // A connection of `source` was cut. Empty: it has no address, and nothing follows.
  void Add(const std::string& source, Clock::time_point now);

  // When a further connection of `source` may be let in: `now` or later. None: too many
  // of them wait.
  std::optional<Clock::time_point> Admit(const std::string& source, Clock::time_point now);

 private:
  struct Suspect {
    Clock::time_point until;
    Clock::time_point next;  // when a further one may come in
  };

  std::map<std::string, Suspect> all_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_SUSPECTS_H_
