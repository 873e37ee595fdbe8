#include "server/rpc/arrivals.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace convoy::rpc {

void Arrivals::Add(Clock::time_point at, Arrival arrival) { all_.emplace(at, std::move(arrival)); }

void Arrivals::Remove(int fd) {
  std::erase_if(all_, [fd](const auto& entry) { return entry.second.fd == fd; });
}

std::optional<Arrival> Arrivals::Take(Clock::time_point now) {
  if (all_.empty() || all_.begin()->first > now) return std::nullopt;
  return std::move(all_.extract(all_.begin()).mapped());
}

int Arrivals::UntilNext(Clock::time_point now) const {
  if (all_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(all_.begin()->first - now);
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

}  // namespace convoy::rpc
