#include "server/http/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/scale.h"

namespace convoy::http {
namespace {

using Phase = Connection::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A connection whose other end is here, under a clock that the test moves.
class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    router_.Add("GET", "/page", {.page = [](const Request&) { return TextResponse(200, "hi\n"); }});
    router_.Add("PATCH", "/page",
                {.page = [](const Request& request) { return TextResponse(200, request.body); },
                 .max_body_bytes = 10});
    Connect();
  }
  ~ConnectionTest() override { close(here_); }

  void Connect() {
    close(here_);
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    here_ = ends[0];
    connection_ = std::make_unique<Connection>(Stream(Descriptor(ends[1])), router_, now_);
  }

  void Send(const std::string& text) {
    ASSERT_EQ(send(here_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    connection_->Advance(now_);
  }

  // To `bytes` that come in pieces of at most `most`, until it closes.
  std::string AnswersOfAFreshConnection(const std::string& bytes, size_t most) {
    Connect();
    for (size_t at = 0; at < bytes.size(); at += most) {
      Send(bytes.substr(at, most));
      while (connection_->phase() == Phase::kAnswering) AnswerAsThePageDoes();
    }
    return Received();
  }

  // What came so far.
  std::string Received() const {
    std::string text;
    std::array<char, 65536> bytes;
    ssize_t count = 0;
    while ((count = recv(here_, bytes.data(), bytes.size(), 0)) > 0) {
      text.append(bytes.data(), static_cast<size_t>(count));
    }
    return text;
  }

  void AnswerAsThePageDoes() {
    ASSERT_EQ(connection_->phase(), Phase::kAnswering);
    const Route& route = connection_->route();
    connection_->Answer(Answer(route, connection_->TakeRequest()), now_);
  }

  void PassUntilDeadline() {
    now_ = connection_->deadline();
    connection_->Expire(now_);
  }

  Router router_;
  Clock::time_point now_ = Clock::time_point() + seconds(1000);
  int here_ = -1;
  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, AnswersARequestThatComesByteAfterByte) {
  const std::string text = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char c : text) {
    ASSERT_EQ(connection_->phase(), Phase::kReading);
    Send(std::string(1, c));
  }
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nhi\n")));
  EXPECT_EQ(connection_->phase(), Phase::kReading);
}

TEST_F(ConnectionTest, AnswersRequestsThatCameTogetherOneByOne) {
  Send("GET /page HTTP/1.1\r\n\r\n\r\nHEAD /page HTTP/1.1\r\n\r\nGET /");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), EndsWith("\r\n\r\nhi\n"));
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), EndsWith("\r\n\r\n"));
  EXPECT_EQ(connection_->phase(), Phase::kReading);
  Send("page HTTP/1.1\r\nConnection: close\r\n\r\n");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("hi\n")));
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
}

TEST_F(ConnectionTest, AHeadHasTheLengthOfTheBodyThatItDoesNotCarry) {
  Send("HEAD /page HTTP/1.1\r\n\r\n");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), AllOf(HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(ConnectionTest, ABodyIsNotReadAndNothingComesBehindIt) {
  Send("GET /page HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("hi\n")));
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
  Send(std::string(10000, 'x'));  // thrown away
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
  shutdown(here_, SHUT_WR);
  connection_->Advance(now_);
  EXPECT_EQ(connection_->phase(), Phase::kClosed);
}

TEST_F(ConnectionTest, ABodyThatThePageTakesIsReadHoweverItComes) {
  Send("PATCH /page HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
  for (const char c : std::string("0123\r\n\r\n8")) {
    Send(std::string(1, c));
    ASSERT_EQ(connection_->phase(), Phase::kReading);
  }
  Send("9GET /page HTTP/1.1\r\n\r\n");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), EndsWith("\r\n\r\n0123\r\n\r\n89"));
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), EndsWith("hi\n"));
  EXPECT_EQ(connection_->phase(), Phase::kReading);
  Send("PATCH /page HTTP/1.1\r\n\r\n");  // without a body
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), EndsWith("\r\n\r\n"));
}

TEST_F(ConnectionTest, ACallerWhoWaitsToSendTheBodyIsTold) {
  const std::string head =
      "PATCH /page HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  Send(head);
  EXPECT_EQ(Received(), "HTTP/1.1 100 Continue\r\n\r\n");
  Send("abc");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("abc")));
  // One who did not wait is not.
  Send(head + "abc");
  AnswerAsThePageDoes();
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 200"));
  // And a body that is not taken is refused at once.
  Send("PATCH /page HTTP/1.1\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 413"));
}

TEST_F(ConnectionTest, BoundsABodyBeforeItComes) {
  Send("PATCH /page HTTP/1.1\r\nContent-Length: 11\r\n\r\n");
  EXPECT_THAT(Received(), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("longer than 10 bytes")));
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
  for (const std::string header :
       {"Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: x\r\nContent-Length: 3\r\n"}) {
    Connect();
    Send("PATCH /page HTTP/1.1\r\n" + header + "\r\n");
    EXPECT_THAT(Received(), StartsWith("HTTP/1.1 411 ")) << header;
    EXPECT_EQ(connection_->phase(), Phase::kClosing);
  }
  Connect();
  Send("PATCH /page HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n");
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ConnectionTest, ABodyThatDoesNotComeIsToldSo) {
  for (const std::string sent : {"", "12"}) {
    Connect();
    Send("PATCH /page HTTP/1.1\r\nContent-Length: 3\r\n\r\n" + sent);
    PassUntilDeadline();
    EXPECT_THAT(Received(), StartsWith("HTTP/1.1 408 ")) << sent;
    EXPECT_EQ(connection_->phase(), Phase::kClosing);
  }
}

TEST_F(ConnectionTest, AnUnknownPageLeavesTheConnectionOpen) {
  Send("GET /x HTTP/1.1\r\nAccept: application/json\r\n\r\n");
  EXPECT_THAT(Received(), AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("{\n  \"error\": ")));
  EXPECT_EQ(connection_->phase(), Phase::kReading);
}

TEST_F(ConnectionTest, RefusesWhatIsNoHttpAndHeadsThatDoNotEnd) {
  Send("\x16\x03\x01 a TLS hello\r\n\r\n");
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
}

TEST_F(ConnectionTest, BoundsTheHead) {
  Send(absl::StrCat("GET /page HTTP/1.1\r\nX: ", std::string(16384, 'x')));
  connection_->Advance(now_);  // a part of what waits at a time
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 431 "));
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
}

TEST_F(ConnectionTest, BoundsThePath) {
  Send(absl::StrCat("GET /", std::string(16384, 'x')));
  connection_->Advance(now_);
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 414 "));
}

TEST_F(ConnectionTest, ARequestHasSecondsFromItsFirstByteHoweverItDrips) {
  now_ += seconds(9);
  Send("G");
  const Clock::time_point end = now_ + seconds(5);
  EXPECT_EQ(connection_->deadline(), end);
  for (const char c : std::string("ET /page")) {
    now_ += milliseconds(500);
    Send(std::string(1, c));
    EXPECT_EQ(connection_->deadline(), end);
  }
  PassUntilDeadline();
  EXPECT_THAT(Received(), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(connection_->phase(), Phase::kClosing);
  PassUntilDeadline();
  EXPECT_EQ(connection_->phase(), Phase::kClosed);
}

TEST_F(ConnectionTest, KnowsWhenBytesMovedLast) {
  const Clock::time_point begin = now_;
  now_ += seconds(1);
  connection_->Advance(now_);
  EXPECT_EQ(connection_->moved(), begin);
  Send("GET /page HTTP/1.1\r\n");
  EXPECT_EQ(connection_->moved(), now_);
  Send("\r\n");
  now_ += seconds(1);
  AnswerAsThePageDoes();
  EXPECT_EQ(connection_->moved(), now_);
}

TEST_F(ConnectionTest, ASilentConnectionClosesWithoutAWord) {
  EXPECT_EQ(connection_->deadline(), now_ + seconds(10));
  PassUntilDeadline();
  EXPECT_EQ(connection_->phase(), Phase::kClosed);
  EXPECT_EQ(Received(), "");
}

TEST_F(ConnectionTest, AKeptConnectionMayRestLonger) {
  Send("GET /page HTTP/1.1\r\n\r\n");
  AnswerAsThePageDoes();
  EXPECT_EQ(connection_->deadline(), now_ + seconds(75));
}

TEST_F(ConnectionTest, AnAnswerEndsWhenNobodyTakesIt) {
  Send("GET /page HTTP/1.1\r\n\r\n");
  connection_->TakeRequest();
  connection_->Answer(TextResponse(200, std::string(10 << 20, 'x')), now_);
  EXPECT_EQ(connection_->phase(), Phase::kWriting);
  EXPECT_GT(connection_->unsent_bytes(), 5 << 20);
  const Clock::time_point begin = now_;
  // Taken in drops it may go on for a minute; without them for ten seconds.
  while (connection_->deadline() < begin + seconds(60)) {
    EXPECT_EQ(connection_->deadline(), now_ + seconds(10));
    now_ += seconds(9);
    ASSERT_FALSE(Received().empty());
    connection_->Advance(now_);
    ASSERT_EQ(connection_->phase(), Phase::kWriting);
  }
  PassUntilDeadline();
  EXPECT_EQ(connection_->phase(), Phase::kClosed);
}

TEST_F(ConnectionTest, ACallerWhoSendsWithoutEndDoesNotHoldTheLoop) {
  const int large = 1 << 20;
  ASSERT_EQ(setsockopt(here_, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large)), 0);
  std::string many;
  for (int i = 0; i < 4000; ++i) many += "GET /x HTTP/1.1\r\n\r\n";
  Send(many);
  // One Advance read some of it and no more.
  int left = 0;
  ASSERT_EQ(ioctl(connection_->socket(), FIONREAD, &left), 0);
  EXPECT_GT(left, static_cast<int>(many.size()) / 2);
}

TEST_F(ConnectionTest, ACallerThatIsGoneEndsIt) {
  Send("GET /pa");
  close(here_);
  here_ = -1;
  connection_->Advance(now_);
  EXPECT_EQ(connection_->phase(), Phase::kClosed);
}

TEST_F(ConnectionTest, ACallerThatIsGoneBeforeItsAnswerEndsIt) {
  Send("GET /page HTTP/1.1\r\n\r\n");
  close(here_);
  here_ = -1;
  AnswerAsThePageDoes();
  EXPECT_EQ(connection_->phase(), Phase::kClosed);
}

// Some requests, some of them damaged, and what is none.
std::string RandomBytes(std::mt19937& random) {
  static const std::vector<std::string> kRequests = {
      "GET /page HTTP/1.1\r\n\r\n",
      "HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /x HTTP/1.1\r\nAccept: application/json\r\n\r\n",
      "GET /page HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "POST /page HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
      "\r\n"};
  std::string bytes;
  for (uint32_t left = 1 + random() % 5; left > 0; --left) {
    bytes += kRequests[random() % kRequests.size()];
    if (random() % 4 == 0) bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
  }
  return bytes;
}

TEST_F(ConnectionTest, AnswersAreTheSameHoweverTheBytesAreCut) {
  std::mt19937 random(3);
  for (int i = 0; i < convoy::testing::Scaled(500, 50'000); ++i) {
    const std::string bytes = RandomBytes(random);
    const std::string whole = AnswersOfAFreshConnection(bytes, bytes.size());
    EXPECT_EQ(AnswersOfAFreshConnection(bytes, 1), whole) << absl::CEscape(bytes);
    EXPECT_EQ(AnswersOfAFreshConnection(bytes, 1 + random() % bytes.size()), whole)
        << absl::CEscape(bytes);
  }
}

}  // namespace
}  // namespace convoy::http
