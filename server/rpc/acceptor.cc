#include "server/rpc/acceptor.h"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "kernel/base/stop_and_join.h"
#include "kernel/base/thread.h"
#include "server/rpc/hoarders.h"
#include "server/rpc/thread_clock.h"

namespace convoy::rpc {
namespace {

// How often the guard looks, and how many looks are between two at the list of threads:
// gRPC starts some when there is much to do.
constexpr std::chrono::milliseconds kLook{5};
constexpr int kLooksAtThreads = 40;

// Of processor time. Messages of 60 MB took 0.3 to 1 ns a byte, frames of priority, window
// updates and unknown ones 3, empty data and settings 4 to 5, pings 10, streams that are
// opened and reset 470. What is close to a message is judged over a longer time, and so is
// what opens streams: a caller may begin as many calls at once as it may have under way,
// a thousand in 20 ms.
constexpr int64_t kFrameNanoseconds = 5;
constexpr int64_t kStreamNanoseconds = 50;
constexpr int kStreamBudgets = 3;
constexpr int64_t kCheapNanoseconds = 2;
constexpr int kCheapBudgets = 6;

// How long nobody is accepted when the process has no descriptors left: some
// connection may end meanwhile.
constexpr std::chrono::milliseconds kPause{50};

// Of who neither reads nor closes when gRPC has ended a connection.
constexpr std::chrono::seconds kPatience{10};

// Accepted in one go before connections that ended are forgotten.
constexpr int kMaxAccepted = 64;

void Watch(const Descriptor& epoll, int fd, uint32_t events) {
  epoll_event event = {.events = events, .data = {.fd = fd}};
  epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

Acceptor::Acceptor(std::vector<ListeningSocket> sockets, Takers takers, int max_connections)
    : takers_(std::move(takers)),
      max_connections_(static_cast<size_t>(max_connections)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC)),
      sockets_(std::move(sockets)),
      departures_(kPatience) {}

Acceptor::~Acceptor() { Stop(); }

void Acceptor::Start(Watched watched) {
  watched_ = std::move(watched);
  Watch(epoll_, wake_.get(), EPOLLIN);
  for (const ListeningSocket& socket : sockets_) Watch(epoll_, socket.fd(), EPOLLIN);
  thread_ = std::thread([this] { Run(); });
  guard_ = std::jthread([this](const std::stop_token& stop) { Guard(stop); });
}

void Acceptor::Close() {
  if (thread_.joinable()) {
    eventfd_write(wake_.get(), 1);
    thread_.join();
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, wake_.get(), nullptr);
    id_ = gettid();
    handed_.fetch_add(1, std::memory_order_relaxed);
  }
  while (!waiting_.empty()) Forget(waiting_.next().fd);
  sockets_.clear();
}

void Acceptor::WaitForPeers(Departures::Clock::time_point until) {
  {
    MutexLock lock(mutex_);
    for (const auto& [fd, connection] : connections_) connection.EndSending();
    LookAtEnded();
  }
  std::array<epoll_event, 64> events = {};
  while (open() > 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - Departures::Clock::now());
    if (left.count() <= 0) return;
    const int count =
        epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(left.count()));
    for (int i = 0; i < count; ++i) OnReady(events[i].data.fd, events[i].events);
  }
}

void Acceptor::Stop() {
  Close();
  StopAndJoin(guard_, mutex_, changed_);
  MutexLock lock(mutex_);
  connections_.clear();
  departures_.Clear();
  CountOpen();
}

void Acceptor::Run() {
  SetThreadName("convoy-accept");
  id_ = gettid();
  std::array<epoll_event, 64> events = {};
  while (!stopping_) {
    const int timeout = waiting_.UntilNext(Arrivals::Clock::now());
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
    for (int i = 0; i < count; ++i) OnReady(events[i].data.fd, events[i].events);
    while (std::optional<Arrival> arrival = waiting_.Take(Arrivals::Clock::now())) {
      HandOver(*std::move(arrival));
    }
  }
}

void Acceptor::OnReady(int fd, uint32_t events) {
  if (fd == wake_.get()) {
    stopping_ = true;
    return;
  }
  const auto listening = std::find_if(sockets_.begin(), sockets_.end(),
                                      [fd](const auto& socket) { return socket.fd() == fd; });
  if (listening != sockets_.end()) {
    Accept(*listening);
  } else if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    Forget(fd);
  } else {
    Drop(fd);
  }
}

void Acceptor::Accept(const ListeningSocket& socket) {
  for (int i = 0; i < kMaxAccepted; ++i) {
    handed_.fetch_add(1, std::memory_order_relaxed);
    Descriptor accepted = socket.Accept();
    if (!accepted.ok()) {
      // Others are the caller's: gone again, or nobody waits any more.
      if (ListeningSocket::IsExhausted(errno)) {
        static RepeatLimit limit;
        const int error = errno;
        if (const auto left_out = limit.Take(RepeatLimit::Clock::now())) {
          spdlog::warn("cannot accept a connection error=\"{}\"{}", std::strerror(error),
                       ShowLeftOut(*left_out));
        }
        std::this_thread::sleep_for(kPause);
      }
      return;
    }
    LetIn(socket, std::move(accepted));
  }
}

void Acceptor::LetIn(const ListeningSocket& socket, Descriptor accepted) {
  const std::optional<int> fd = Keep(accepted);
  if (!fd.has_value()) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  Arrival arrival{std::move(accepted), *fd, &socket};
  const auto at = Admit(*fd);
  if (!at.has_value()) {
    floods_.count.fetch_add(1, std::memory_order_relaxed);
    Forget(*fd);
  } else if (*at <= Suspects::Clock::now()) {
    HandOver(std::move(arrival));
  } else {
    delayed_.fetch_add(1, std::memory_order_relaxed);
    waiting_.Add(*at, std::move(arrival));
  }
}

std::optional<Suspects::Clock::time_point> Acceptor::Admit(int fd) {
  MutexLock lock(mutex_);
  return suspects_.Admit(connections_.at(fd).source(), Suspects::Clock::now());
}

void Acceptor::HandOver(Arrival arrival) {
  handed_.fetch_add(1, std::memory_order_relaxed);
  Taker::NewConnectionParameters connection;
  connection.listener_fd = arrival.listener->fd();
  connection.fd = arrival.socket.Release();  // gRPC's from here on
  (arrival.listener->port() == 0 ? takers_.unix_socket : takers_.tcp)
      ->HandleNewConnection(&connection);
}

std::optional<int> Acceptor::Keep(const Descriptor& accepted) {
  MutexLock lock(mutex_);
  if (connections_.size() + departures_.size() >= max_connections_) return std::nullopt;
  Connection connection = Connection::Of(accepted.get());
  if (!connection.ok()) return std::nullopt;  // there are no descriptors left
  const int fd = connection.fd();
  connections_.emplace(fd, std::move(connection));
  changed_.NotifyAll();
  CountOpen();
  // The peer cannot send any more.
  Watch(epoll_, fd, EPOLLRDHUP);
  return fd;
}

void Acceptor::Forget(int fd) {
  // gRPC's descriptor would keep the registration alive behind ours.
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  waiting_.Remove(fd);
  MutexLock lock(mutex_);
  connections_.erase(fd);
  departures_.Remove(fd);
  CountOpen();
}

void Acceptor::Drop(int fd) {
  MutexLock lock(mutex_);
  departures_.Drop(fd);
}

void Acceptor::CountOpen() {
  open_.store(static_cast<int64_t>(connections_.size() + departures_.size()),
              std::memory_order_relaxed);
}

void Acceptor::Guard(const std::stop_token& stop) {
  SetThreadName("convoy-guard");
  std::vector<FloodGuard> guards;
  if (const auto budget = watched_.flood_budget; budget.count() > 0) {
    guards.emplace_back(budget, kFrameNanoseconds, kStreamNanoseconds);
    guards.emplace_back(kStreamBudgets * budget, kStreamNanoseconds);
    guards.emplace_back(kCheapBudgets * budget, kCheapNanoseconds);
  }
  for (int look = 0;; ++look) {
    if (look % kLooksAtThreads == 0) {
      if (!guards.empty()) {
        const std::vector<Reader> readers = FindReaders();
        for (FloodGuard& guard : guards) guard.Watch(readers);
      }
      if (watched_.memory_excess) CutHoarders(watched_.memory_excess());
    }
    if (watched_.look) watched_.look();
    MutexLock lock(mutex_);
    if (look % kLooksAtThreads == 0) LookAtEnded();
    for (FloodGuard& guard : guards) CutFlood(guard);
    if (stop.stop_requested()) return;
    if (connections_.empty() && departures_.size() == 0) {
      changed_.Wait(mutex_);
    } else {
      changed_.WaitFor(mutex_, kLook);
    }
  }
}

std::vector<Reader> Acceptor::FindReaders() const {
  std::vector<Reader> readers = watched_.readers();
  readers.push_back({[this] { return handed_.load(std::memory_order_relaxed); },
                     [this] { return ThreadCpu(id_); }});
  return readers;
}

void Acceptor::CutFlood(FloodGuard& guard) {
  if (const Connection* const flood = guard.Look(connections_)) Cut(*flood, floods_);
}

void Acceptor::CutHoarders(int64_t excess) {
  MutexLock lock(mutex_);
  for (const Connection* const hoarder : FindHoarders(connections_, excess)) {
    Cut(*hoarder, hoarders_);
  }
}

void Acceptor::Cut(const Connection& connection, Offence& offence) {
  offence.count.fetch_add(1, std::memory_order_relaxed);
  if (const auto left_out = offence.limit.Take(RepeatLimit::Clock::now())) {
    spdlog::warn("{} peer={}{}", offence.line, connection.peer(), ShowLeftOut(*left_out));
  }
  suspects_.Add(connection.source(), Suspects::Clock::now());
  connection.Cut();
}

void Acceptor::LookAtEnded() {
  const Departures::Clock::time_point now = Departures::Clock::now();
  departures_.Look(now);
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto connection = at++;
    if (!connection->second.ended()) continue;
    departures_.Add(std::move(connection->second), epoll_.get(), now);
    connections_.erase(connection);
  }
}

}  // namespace convoy::rpc
