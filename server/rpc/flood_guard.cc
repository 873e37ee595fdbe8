#include "server/rpc/flood_guard.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace convoy::rpc {
namespace {

// Of processor time. A message of 60 MB took 0.3 to 1, pings and settings 10 to 12,
// streams that are opened and reset 470, all of them sent as fast as they were taken.
constexpr int64_t kNanosecondsPerByte = 5;

// What happened to a connection in `cpu`.
bool Floods(const Connection::Progress& before, const Connection::Progress& now,
            std::chrono::nanoseconds cpu) {
  const uint64_t taken = now.taken_bytes - before.taken_bytes;
  const auto many = static_cast<uint64_t>(std::max<int64_t>(cpu.count(), 0) / kNanosecondsPerByte);
  return taken > 0 && taken < many && now.sent_bytes == before.sent_bytes &&
         before.waiting_bytes > 0 && now.waiting_bytes > 0;
}

}  // namespace

void FloodGuard::Watch(std::vector<Reader> readers) {
  const bool changed = readers.size() != readers_.size();
  readers_ = std::move(readers);
  if (!changed) return;
  stays_.clear();
  for (const Reader& reader : readers_) stays_.push_back({reader.returns(), reader.cpu()});
  first_look_.clear();
}

std::chrono::nanoseconds FloodGuard::LongestStay() {
  std::chrono::nanoseconds longest(0);
  for (size_t i = 0; i < readers_.size(); ++i) {
    const uint64_t returns = readers_[i].returns();
    const std::chrono::nanoseconds cpu = readers_[i].cpu();
    if (returns != stays_[i].returns) stays_[i] = {returns, cpu};
    longest = std::max(longest, cpu - stays_[i].since);
  }
  return longest;
}

void FloodGuard::Restart() {
  first_look_.clear();
  for (size_t i = 0; i < readers_.size(); ++i) stays_[i].since = readers_[i].cpu();
}

std::vector<const Connection*> FloodGuard::Look(const std::map<int, Connection>& connections) {
  std::vector<const Connection*> floods;
  const std::chrono::nanoseconds stay = LongestStay();
  if (stay < budget_ / 2) {
    first_look_.clear();
    return floods;
  }
  const bool first = first_look_.empty();
  if (!first && stay < budget_) return floods;
  if (first) first_stay_ = stay;
  for (const auto& [fd, connection] : connections) {
    const std::optional<Connection::Progress> now = connection.progress();
    if (!now.has_value()) continue;
    if (first) {
      first_look_[fd] = *now;
      continue;
    }
    const auto before = first_look_.find(fd);
    if (before != first_look_.end() && Floods(before->second, *now, stay - first_stay_)) {
      floods.push_back(&connection);
    }
  }
  if (!first) Restart();
  return floods;
}

}  // namespace convoy::rpc
