#include "server/http/http_server.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/base/thread.h"

namespace convoy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPageThreads = 2;
// With the bounds of Connection at most 4 MiB of heads, and 24 MiB with bodies.
constexpr size_t kMaxConnections = 256;
// Whose connections do not give way, so fewer than those.
constexpr int kMaxPagesInWork = 64;
// Above it only small answers are given until callers have taken some.
constexpr size_t kMaxUnsentBytes = size_t{64} << 20;
constexpr size_t kSmallAnswerBytes = size_t{16} << 10;
constexpr seconds kStopTime(2);
// When there is no descriptor for another caller.
constexpr milliseconds kAcceptPause(100);
constexpr int kAcceptsInARow = 64;

// What epoll's events carry instead of a caller's number.
constexpr uint64_t kWake = 0;
constexpr uint64_t kFirstListening = 1;  // and as many as there are sockets; then callers

void Add(int epoll, int descriptor, uint64_t number) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

// The loop's thread writes to sockets whose peers are gone.
void BlockSigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& address, Router router, const tls::CertificateFiles* certificates) {
  CONVOY_ASSIGN_OR_RETURN(std::vector<ListeningSocket> listening, ListeningSocket::Open(address));
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(listening), std::move(router)));
  // A Unix socket's callers are on this machine.
  if (server->port_ != 0) server->certificates_ = certificates;
  CONVOY_RETURN_IF_ERROR(server->Open());
  return server;
}

HttpServer::HttpServer(std::vector<ListeningSocket> listening, Router router)
    : router_(std::move(router)),
      listening_(std::move(listening)),
      port_(listening_.front().port()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      next_number_(kFirstListening + listening_.size()) {}

HttpServer::~HttpServer() { Stop(); }

absl::Status HttpServer::Open() {
  if (!epoll_.ok() || !wake_.ok()) {
    return absl::UnavailableError(absl::StrCat("http port ", port_, ": cannot wait for callers: ",
                                               std::generic_category().message(errno)));
  }
  StartAccepting();
  Add(epoll_.get(), wake_.get(), kWake);
  threads_ = std::make_unique<PageThreads>(kPageThreads);
  loop_ = std::thread([this] {
    SetThreadName("http");
    BlockSigpipe();
    Loop();
  });
  return absl::OkStatus();
}

void HttpServer::Stop() {
  if (!loop_.joinable()) return;
  {
    const MutexLock lock(mutex_);
    stop_ = true;
  }
  Wake();
  loop_.join();
  threads_.reset();
}

void HttpServer::Loop() {
  std::array<epoll_event, 64> events;
  while (!ending_ || (!callers_.empty() && Clock::now() < end_)) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), UntilNextDeadline());
    for (int i = 0; i < count; ++i) {
      const uint64_t number = events[i].data.u64;
      if (number == kWake) {
        OnWake();
      } else if (number - kFirstListening < listening_.size()) {
        Accept(listening_[number - kFirstListening]);
      } else if (const auto caller = callers_.find(number); caller != callers_.end()) {
        caller->second.connection.Advance(Clock::now());
        Go(caller);
      }
    }
    Expire();
  }
  callers_.clear();
}

int HttpServer::UntilNextDeadline() const {
  Clock::time_point next = Clock::now() + seconds(60);
  if (ending_) next = std::min(next, end_);
  if (accept_again_ != Clock::time_point()) next = std::min(next, accept_again_);
  for (const auto& [number, caller] : callers_) {
    next = std::min(next, caller.connection.deadline());
  }
  const auto left = std::chrono::ceil<milliseconds>(next - Clock::now());
  return static_cast<int>(std::max(left, milliseconds(0)).count());
}

void HttpServer::StartAccepting() {
  for (size_t i = 0; i < listening_.size(); ++i) {
    Add(epoll_.get(), listening_[i].fd(), kFirstListening + i);
  }
}

void HttpServer::PauseAccepting() {
  accept_again_ = Clock::now() + kAcceptPause;
  for (const ListeningSocket& socket : listening_) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket.fd(), nullptr);
  }
}

void HttpServer::Accept(const ListeningSocket& listening) {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    Descriptor socket = listening.Accept();
    if (!socket.ok()) {
      if (ListeningSocket::IsExhausted(errno) && !MakeRoom()) PauseAccepting();
      return;  // whoever still waits is reported again
    }
    if (callers_.size() >= kMaxConnections && !MakeRoom()) continue;
    const Clock::time_point now = Clock::now();
    const auto certificates = certificates_ == nullptr ? nullptr : certificates_->current();
    const auto caller =
        callers_
            .try_emplace(next_number_, Stream(std::move(socket), certificates.get()), router_, now)
            .first;
    ++next_number_;
    caller->second.connection.Advance(now);
    Go(caller);
  }
}

// Closes the connection whose caller has been silent for longest; false when there is
// none but those that wait for a page.
bool HttpServer::MakeRoom() {
  auto oldest = callers_.end();
  for (auto caller = callers_.begin(); caller != callers_.end(); ++caller) {
    if (caller->second.page_in_work) continue;
    if (oldest == callers_.end() ||
        caller->second.connection.moved() < oldest->second.connection.moved()) {
      oldest = caller;
    }
  }
  if (oldest == callers_.end()) return false;
  callers_.erase(oldest);
  return true;
}

// Goes on with a connection whose phase may have changed.
void HttpServer::Go(Callers::iterator caller) {
  using Phase = Connection::Phase;
  Connection& connection = caller->second.connection;
  while (connection.phase() == Phase::kAnswering && !caller->second.page_in_work) {
    if (connection.route().at_once) {
      connection.Answer(http::Answer(connection.route(), connection.TakeRequest()), Clock::now());
    } else if (pages_in_work_ < kMaxPagesInWork) {
      MakePage(caller->first, caller->second);
    } else {
      connection.Answer(
          ErrorResponse(connection.TakeRequest(), 503, "too many pages are asked for"),
          Clock::now());
    }
  }
  const bool over =
      connection.phase() == Phase::kClosed || (ending_ && connection.phase() == Phase::kReading);
  if (over) {
    callers_.erase(caller);
  } else {
    Watch(caller->first, caller->second);
  }
}

void HttpServer::MakePage(uint64_t number, Caller& caller) {
  caller.page_in_work = true;
  ++pages_in_work_;
  auto request = std::make_shared<const Request>(caller.connection.TakeRequest());
  threads_->Run([this, number, request, &route = caller.connection.route()] {
    Finish(number, http::Answer(route, *request));
  });
}

void HttpServer::Finish(uint64_t number, Response response) {
  {
    const MutexLock lock(mutex_);
    finished_.emplace_back(number, std::move(response));
  }
  Wake();
}

void HttpServer::Wake() const { eventfd_write(wake_.get(), 1); }

void HttpServer::OnWake() {
  eventfd_t ignored = 0;
  eventfd_read(wake_.get(), &ignored);
  std::vector<std::pair<uint64_t, Response>> finished;
  bool stop = false;
  {
    const MutexLock lock(mutex_);
    finished.swap(finished_);
    stop = stop_;
  }
  pages_in_work_ -= static_cast<int>(finished.size());
  for (auto& [number, response] : finished) {
    const auto caller = callers_.find(number);
    if (caller == callers_.end()) continue;
    caller->second.page_in_work = false;
    caller->second.connection.Answer(Bounded(std::move(response)), Clock::now());
    Go(caller);
  }
  if (stop && !ending_) BeginStop();
}

// `response`, or a short refusal in its place while callers do not take what they asked for.
Response HttpServer::Bounded(Response response) const {
  size_t unsent = 0;
  for (const auto& [number, caller] : callers_) unsent += caller.connection.unsent_bytes();
  if (unsent <= kMaxUnsentBytes || response.body.size() <= kSmallAnswerBytes) return response;
  return TextResponse(503, "503: too many answers that callers do not take\n");
}

void HttpServer::BeginStop() {
  ending_ = true;
  end_ = Clock::now() + kStopTime;
  accept_again_ = Clock::time_point();
  listening_.clear();
  for (auto caller = callers_.begin(); caller != callers_.end();) Go(caller++);
}

void HttpServer::Expire() {
  const Clock::time_point now = Clock::now();
  if (accept_again_ != Clock::time_point() && accept_again_ <= now) {
    accept_again_ = Clock::time_point();
    StartAccepting();
  }
  for (auto caller = callers_.begin(); caller != callers_.end();) {
    const auto expired = caller++;
    if (expired->second.connection.deadline() > now) continue;
    expired->second.connection.Expire(now);
    Go(expired);
  }
}

// Lets epoll report what the connection waits for. Nothing while its page is made: a
// caller that is gone would be reported again and again.
void HttpServer::Watch(uint64_t number, Caller& caller) {
  const uint32_t wanted = caller.connection.Events();
  if (wanted == caller.watched) return;
  epoll_event event{.events = wanted, .data = {.u64 = number}};
  const int operation = caller.watched == 0 ? EPOLL_CTL_ADD
                        : wanted == 0       ? EPOLL_CTL_DEL
                                            : EPOLL_CTL_MOD;
  epoll_ctl(epoll_.get(), operation, caller.connection.socket(), &event);
  caller.watched = wanted;
}

}  // namespace convoy::http
