#include "server/rpc/hoarders.h"

#include <algorithm>
#include <optional>

namespace convoy::rpc {
namespace {

constexpr uint64_t kLeastBytes = uint64_t{1} << 20;

// What everybody is sent, so that nobody seems to be sent nothing.
constexpr uint64_t kGreetingBytes = 1024;

struct Suspect {
  const Connection* connection;
  uint64_t taken_bytes;
  double taken_per_sent;
};

std::vector<Suspect> SuspectsIn(const std::map<int, Connection>& connections) {
  std::vector<Suspect> suspects;
  for (const auto& [fd, connection] : connections) {
    const std::optional<Connection::Progress> progress = connection.progress();
    if (!progress.has_value() || progress->taken_bytes < kLeastBytes) continue;
    suspects.push_back({&connection, progress->taken_bytes,
                        static_cast<double>(progress->taken_bytes) /
                            static_cast<double>(progress->sent_bytes + kGreetingBytes)});
  }
  std::sort(suspects.begin(), suspects.end(), [](const Suspect& one, const Suspect& other) {
    return one.taken_per_sent > other.taken_per_sent;
  });
  return suspects;
}

}  // namespace

std::vector<const Connection*> FindHoarders(const std::map<int, Connection>& connections,
                                            int64_t excess) {
  std::vector<const Connection*> hoarders;
  if (excess <= 0) return hoarders;
  uint64_t freed = 0;
  for (const Suspect& suspect : SuspectsIn(connections)) {
    if (freed >= static_cast<uint64_t>(excess)) break;
    hoarders.push_back(suspect.connection);
    freed += suspect.taken_bytes;
  }
  return hoarders;
}

}  // namespace convoy::rpc
