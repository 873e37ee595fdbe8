#include "server/http/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace convoy::http {
namespace {

using std::chrono::seconds;

constexpr size_t kMaxHeadBytes = size_t{16} << 10;

// A new connection may be one that a browser opened to be quick later.
constexpr seconds kFirstByteTime(10);
constexpr seconds kRequestTime(5);
// Longer than the usual time between two scrapes or probes.
constexpr seconds kIdleTime(75);
// An answer that nobody takes, and one that is taken in drops.
constexpr seconds kSilenceTime(10);
constexpr seconds kAnswerTime(60);
constexpr seconds kClosingTime(1);
// A page's time is bounded by what it does.
constexpr std::chrono::hours kPageTime(24);

constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool MustWait() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

Connection::Connection(Stream stream, const Router& router, Clock::time_point now)
    : stream_(std::move(stream)), router_(router), moved_(now) {
  Enter(Phase::kReading, now, kFirstByteTime);
}

void Connection::Enter(Phase phase, Clock::time_point now, std::chrono::nanoseconds allowed) {
  phase_ = phase;
  deadline_ = now + allowed;
}

uint32_t Connection::Events() const {
  const uint32_t of_stream = stream_.OwnEvents();
  switch (phase_) {
    case Phase::kReading:
      return of_stream != 0 ? of_stream : EPOLLIN;
    case Phase::kWriting:
      return of_stream != 0 ? of_stream : EPOLLOUT;
    case Phase::kClosing:
      return EPOLLIN;
    case Phase::kAnswering:
    case Phase::kClosed:
      break;
  }
  return 0;
}

void Connection::Advance(Clock::time_point now) {
  if (phase_ == Phase::kReading) Read(now);
  if (phase_ == Phase::kClosing) Discard();
  GoOn(now);
}

void Connection::GoOn(Clock::time_point now) {
  while ((phase_ == Phase::kReading && ParseRequest(now)) ||
         (phase_ == Phase::kWriting && Write(now))) {
  }
}

// Once: who sends without end must not hold the loop.
void Connection::Read(Clock::time_point now) {
  std::array<char, 16384> buffer;
  const ssize_t count = stream_.Receive(buffer.data(), buffer.size());
  if (count < 0 && MustWait()) return;
  if (count <= 0) {
    phase_ = Phase::kClosed;
    return;
  }
  moved_ = now;
  if (in_.empty()) Enter(Phase::kReading, now, kRequestTime);
  in_.append(buffer.data(), static_cast<size_t>(count));
}

bool Connection::ParseRequest(Clock::time_point now) {
  if (body_bytes_ > 0) return TakeBody(now);
  // Some callers send an empty line that belongs to no request (RFC 9112, 2.2).
  size_t begin = 0;
  while (in_.compare(begin, 2, "\r\n") == 0) begin += 2;
  in_.erase(0, begin);
  const size_t end = in_.find(kHeadEnd);
  if (std::min(end, in_.size()) > kMaxHeadBytes) {
    const bool in_first_line = in_.find("\r\n") > kMaxHeadBytes;
    Refuse(in_first_line ? 414 : 431,
           absl::StrCat("the request's head is longer than ", kMaxHeadBytes, " bytes"), now);
    return true;
  }
  if (end == std::string::npos) return false;
  auto parsed = ParseRequestHead(std::string_view(in_).substr(0, end + kHeadEnd.size()));
  in_.erase(0, end + kHeadEnd.size());
  if (const HttpError* const error = std::get_if<HttpError>(&parsed)) {
    Refuse(error->status, error->message, now);
    return true;
  }
  auto& head = std::get<RequestHead>(parsed);
  request_ = std::move(head.request);
  head_only_ = request_.method == "HEAD";
  request_.certificate_names = stream_.ClientNames();
  request_.is_local = !stream_.is_tls();
  auto found = router_.Find(request_);
  const bool takes_body = std::holds_alternative<const Route*>(found) &&
                          std::get<const Route*>(found)->max_body_bytes > 0;
  // A body that nobody has a use for stays unread, and nothing can come behind it.
  keep_alive_ = head.keep_alive && (takes_body || !head.has_body);
  if (Response* const none = std::get_if<Response>(&found)) {
    Send(std::move(*none), now);
    return true;
  }
  route_ = std::get<const Route*>(found);
  if (takes_body && head.has_body) return BeginBody(head, now);
  Enter(Phase::kAnswering, now, kPageTime);
  return true;
}

bool Connection::BeginBody(const RequestHead& head, Clock::time_point now) {
  if (!head.body_bytes.has_value()) {
    Refuse(411, "expected a Content-Length, and no Transfer-Encoding", now);
    return true;
  }
  if (*head.body_bytes > route_->max_body_bytes) {
    Refuse(413, absl::StrCat("the body is longer than ", route_->max_body_bytes, " bytes"), now);
    return true;
  }
  body_bytes_ = static_cast<size_t>(*head.body_bytes);
  if (head.expects_continue && in_.empty()) Invite();
  return TakeBody(now);
}

void Connection::Invite() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const ssize_t count = stream_.Send(kContinue, "");
  // Nothing is waiting on the socket, as the last answer has left it. A part of the line
  // would spoil the answer to come.
  if (count != static_cast<ssize_t>(kContinue.size())) phase_ = Phase::kClosed;
}

// It must be there within the request's time, as the head.
bool Connection::TakeBody(Clock::time_point now) {
  if (phase_ == Phase::kClosed || in_.size() < body_bytes_) return false;
  request_.body = in_.substr(0, body_bytes_);
  in_.erase(0, body_bytes_);
  body_bytes_ = 0;
  Enter(Phase::kAnswering, now, kPageTime);
  return true;
}

void Connection::Refuse(int status, std::string_view message, Clock::time_point now) {
  keep_alive_ = false;
  body_bytes_ = 0;
  Send(ErrorResponse(Request(), status, message), now);
}

void Connection::Answer(Response response, Clock::time_point now) {
  Send(std::move(response), now);
  GoOn(now);
}

void Connection::Send(Response response, Clock::time_point now) {
  out_head_ = SerializeHead(response, keep_alive_);
  if (!head_only_) out_body_ = std::move(response.body);
  answer_end_ = now + kAnswerTime;
  Enter(Phase::kWriting, now, kSilenceTime);
}

bool Connection::Write(Clock::time_point now) {
  while (unsent_bytes() > 0) {
    const size_t of_head = std::min(sent_, out_head_.size());
    const ssize_t count = stream_.Send(std::string_view(out_head_).substr(of_head),
                                       std::string_view(out_body_).substr(sent_ - of_head));
    if (count < 0 && MustWait()) return false;
    if (count < 0) {
      phase_ = Phase::kClosed;
      return true;
    }
    sent_ += static_cast<size_t>(count);
    moved_ = now;
    deadline_ = std::min(now + kSilenceTime, answer_end_);
  }
  std::string().swap(out_body_);
  out_head_.clear();
  sent_ = 0;
  head_only_ = false;
  if (keep_alive_) {
    Enter(Phase::kReading, now, in_.empty() ? kIdleTime : kRequestTime);
  } else {
    stream_.EndSending();
    Enter(Phase::kClosing, now, kClosingTime);
  }
  return true;
}

void Connection::Discard() {
  const ssize_t count = stream_.Discard();
  if (count == 0 || (count < 0 && !MustWait())) phase_ = Phase::kClosed;
}

void Connection::Expire(Clock::time_point now) {
  if (phase_ == Phase::kReading && (!in_.empty() || body_bytes_ > 0)) {
    Refuse(408, "the request did not arrive in time", now);
    GoOn(now);
  } else {
    phase_ = Phase::kClosed;
  }
}

}  // namespace convoy::http
