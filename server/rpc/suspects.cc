#include "server/rpc/suspects.h"

#include <algorithm>

namespace convoy::rpc {

void Suspects::Add(const std::string& source, Clock::time_point now) {
  if (source.empty()) return;
  // A cut takes milliseconds, so there are few.
  std::erase_if(all_, [now](const auto& entry) { return entry.second.until <= now; });
  Suspect& suspect = all_.try_emplace(source, Suspect{now, now + kDistance}).first->second;
  suspect.until = now + kTime;
}

std::optional<Suspects::Clock::time_point> Suspects::Admit(const std::string& source,
                                                           Clock::time_point now) {
  const auto found = all_.find(source);
  if (found == all_.end() || found->second.until <= now) return now;
  Suspect& suspect = found->second;
  const Clock::time_point at = std::max(now, suspect.next);
  if (at - now > kMaxWaiting * kDistance) return std::nullopt;
  suspect.next = at + kDistance;
  return at;
}

}  // namespace convoy::rpc
