#include "server/rpc/departures.h"

#include <sys/epoll.h>

#include <utility>

namespace convoy::rpc {
namespace {

// More than the rest of the messages that were under way is a flood.
constexpr int64_t kMostDroppedBytes = int64_t{64} << 20;

}  // namespace

void Departures::Add(Connection connection, int epoll, Clock::time_point now) {
  const int fd = connection.fd();
  epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data = {.fd = fd}};
  const int64_t unread = connection.unread_bytes();
  all_.insert_or_assign(fd, Departure{std::move(connection), unread, now});
  epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

void Departures::Drop(int fd) {
  const auto found = all_.find(fd);
  if (found == all_.end()) return;
  Departure& departure = found->second;
  departure.dropped_bytes += departure.connection.Drop();
  if (departure.dropped_bytes > kMostDroppedBytes) departure.connection.End();
}

void Departures::Look(Clock::time_point now) {
  for (auto& [fd, departure] : all_) {
    const int64_t unread = departure.connection.unread_bytes();
    if (unread != departure.unread_bytes) {
      departure.unread_bytes = unread;
      departure.since = now;
    } else if (now - departure.since >= patience_) {
      departure.connection.End();
    }
  }
}

}  // namespace convoy::rpc
