#include "server/rpc/flood_guard.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace convoy::rpc {
namespace {

bool MayFlood(const Connection::Progress& before, const Connection::Progress& now) {
  return now.sent_bytes == before.sent_bytes && before.waiting_bytes > 0 && now.waiting_bytes > 0;
}

}  // namespace

void FloodGuard::Watch(std::vector<Reader> readers) {
  const bool changed = readers.size() != readers_.size();
  readers_ = std::move(readers);
  if (!changed) return;
  stays_.resize(readers_.size());
  Restart();
}

std::chrono::nanoseconds FloodGuard::LongestStay() {
  std::chrono::nanoseconds longest(0);
  for (size_t i = 0; i < readers_.size(); ++i) {
    longest = std::max(longest, stays_[i].Look(readers_[i]));
  }
  return longest;
}

void FloodGuard::Restart() {
  first_look_.clear();
  for (size_t i = 0; i < readers_.size(); ++i) stays_[i].Restart(readers_[i]);
}

const Connection* FloodGuard::Find(const std::map<int, Connection>& connections,
                                   std::chrono::nanoseconds cpu) const {
  const Connection* flood = nullptr;
  uint64_t taken_of_flood = 0;
  uint64_t taken_of_all = 0;
  for (const auto& [fd, connection] : connections) {
    const auto before = first_look_.find(fd);
    if (before == first_look_.end()) continue;
    const std::optional<Connection::Progress> now = connection.progress();
    if (!now.has_value()) continue;
    const uint64_t taken = now->taken_bytes - before->second.taken_bytes;
    taken_of_all += taken;
    if (taken <= taken_of_flood || !MayFlood(before->second, *now)) continue;
    flood = &connection;
    taken_of_flood = taken;
  }
  // Another one may be held up by it.
  if (flood == nullptr || taken_of_flood < taken_of_all / 2) return nullptr;
  const int64_t per_byte = cpu.count() / static_cast<int64_t>(taken_of_all);
  return per_byte >= least_ && per_byte <= most_ ? flood : nullptr;
}

const Connection* FloodGuard::Look(const std::map<int, Connection>& connections) {
  const std::chrono::nanoseconds stay = LongestStay();
  if (stay < budget_ / 2) {
    first_look_.clear();
    return nullptr;
  }
  if (first_look_.empty()) {
    first_stay_ = stay;
    for (const auto& [fd, connection] : connections) {
      if (const auto now = connection.progress()) first_look_[fd] = *now;
    }
    return nullptr;
  }
  if (stay < budget_) return nullptr;
  const Connection* const flood = Find(connections, stay - first_stay_);
  Restart();
  return flood;
}

}  // namespace convoy::rpc
