// One caller of the HTTP port.
#ifndef CONVOY_SERVER_HTTP_CONNECTION_H_
#define CONVOY_SERVER_HTTP_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/request.h"
#include "server/http/request_head.h"
#include "server/http/response.h"
#include "server/http/router.h"
#include "server/http/stream.h"

namespace convoy::http {

using Clock = std::chrono::steady_clock;

// Bytes of requests in, bytes of answers out, over a stream that never blocks.
//
//   reading ---a whole request---> answering ---Answer---> writing ---+
//      ^                                                      |       |
//      +------------------the caller may go on----------------+    closing
//
// It holds at most one request, bounded in bytes, its body where the route takes one, and
// one answer. Every phase but
// answering ends by a deadline, so that nobody holds a connection by being slow: a
// request arrives within seconds from its first byte, however its bytes drip; an answer
// is taken away without long silence.
//
// Of the event loop's thread alone.
class Connection {
 public:
  enum class Phase { kReading, kAnswering, kWriting, kClosing, kClosed };

  // `router` outlives the connection.
  Connection(Stream stream, const Router& router, Clock::time_point now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return stream_.socket(); }
  Phase phase() const { return phase_; }
  // What epoll is to report before Advance is called; 0 while the page is made.
  uint32_t Events() const;
  // When bytes moved last, in either direction.
  Clock::time_point moved() const { return moved_; }
  // When this phase is over whatever comes.
  Clock::time_point deadline() const { return deadline_; }
  // Of the answer that the caller has not taken yet.
  size_t unsent_bytes() const { return out_head_.size() + out_body_.size() - sent_; }

  // Moves some bytes: called when the socket may be read or written. When the phase is
  // answering afterwards, a request is complete.
  void Advance(Clock::time_point now);

  // The complete request, to be taken once, and its page.
  // REQUIRES: the phase is answering.
  Request TakeRequest() { return std::move(request_); }
  const Route& route() const { return *route_; }

  // What the page says about the request. Afterwards the next request may be complete.
  // REQUIRES: the phase is answering.
  void Answer(Response response, Clock::time_point now);

  // The deadline has passed: an unfinished request is told so, all else ends.
  void Expire(Clock::time_point now);

 private:
  void Enter(Phase phase, Clock::time_point now, std::chrono::nanoseconds allowed);
  // Goes on until the socket or the page has to be waited for.
  void GoOn(Clock::time_point now);
  void Read(Clock::time_point now);
  // Each returns whether the phase is over.
  bool ParseRequest(Clock::time_point now);
  bool BeginBody(const RequestHead& head, Clock::time_point now);
  bool TakeBody(Clock::time_point now);
  // Tells a caller who waits for it that the body may come (RFC 9110, 10.1.1).
  void Invite();
  bool Write(Clock::time_point now);
  void Refuse(int status, std::string_view message, Clock::time_point now);
  void Send(Response response, Clock::time_point now);
  // Reads on for a moment, so that a caller who still sends sees the answer and no reset.
  void Discard();

  Stream stream_;
  const Router& router_;
  Phase phase_ = Phase::kReading;
  Clock::time_point moved_;
  Clock::time_point deadline_;

  std::string in_;  // what was read and belongs to no answered request
  Request request_;
  const Route* route_ = nullptr;
  size_t body_bytes_ = 0;   // that are to come of the request's body
  bool head_only_ = false;  // the request is a HEAD
  bool keep_alive_ = false;

  std::string out_head_;
  std::string out_body_;
  size_t sent_ = 0;               // of both
  Clock::time_point answer_end_;  // when the answer must have left
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_CONNECTION_H_
