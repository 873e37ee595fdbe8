#include "server/http/http_server.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/raw_client.h"

namespace convoy::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kLive[] = "GET /live HTTP/1.1\r\n\r\n";
constexpr char kSlow[] = "GET /slow HTTP/1.1\r\n\r\n";
constexpr char kLarge[] = "GET /large HTTP/1.1\r\n\r\n";
constexpr char kSmall[] = "GET /small HTTP/1.1\r\n\r\n";

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    Router router;
    router.Add(
        "GET", "/live",
        {.page = [](const Request&) { return TextResponse(200, "live\n"); }, .at_once = true});
    router.Add("GET", "/small",
               {.page = [](const Request&) { return TextResponse(200, "small\n"); }});
    router.Add("GET", "/large", {.page = [](const Request&) {
                 std::string text(size_t{40} << 20, 'x');
                 text.back() = '\n';
                 return TextResponse(200, std::move(text));
               }});
    router.Add("GET", "/slow", {.page = [this](const Request&) {
                 begun_.release();
                 go_on_.wait();
                 return TextResponse(200, "slow\n");
               }});
    auto started = HttpServer::Start("127.0.0.1:0", std::move(router));
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }
  ~HttpServerTest() override {
    LetSlowPagesGoOn();
    server_.reset();
  }

  void LetSlowPagesGoOn() {
    if (!std::exchange(went_on_, true)) go_.set_value();
  }

  void ExpectLive() const {
    const RawClient client(server_->port());
    ASSERT_TRUE(client.Send(kLive));
    EXPECT_THAT(client.ReadUntil("live\n"), StartsWith("HTTP/1.1 200 "));
  }

  std::vector<RawClient> HalfSent(int count) const {
    std::vector<RawClient> clients;
    for (int i = 0; i < count; ++i) {
      clients.emplace_back(server_->port());
      EXPECT_TRUE(clients.back().Send("GET /live HTTP/1.1\r\nHos"));
    }
    return clients;
  }

  std::counting_semaphore<> begun_{0};
  std::promise<void> go_;
  std::shared_future<void> go_on_ = go_.get_future().share();
  bool went_on_ = false;
  std::unique_ptr<HttpServer> server_;
};

// The soft limit of descriptors, for the life of a scope.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = limit;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

  // The lowest number that no descriptor has.
  static rlim_t NextDescriptor() {
    const int next = open("/dev/null", O_RDONLY);
    close(next);
    return static_cast<rlim_t>(next);
  }

 private:
  rlimit before_{};
};

TEST_F(HttpServerTest, AnswersManyRequestsOverOneConnection) {
  const RawClient client(server_->port());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.Send(i % 2 == 0 ? kLive : kSmall));
    EXPECT_THAT(client.ReadUntil(i % 2 == 0 ? "live\n" : "small\n"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(HttpServerTest, AnswersBesideHalfSentRequests) {
  const std::vector<RawClient> silent = HalfSent(64);
  ExpectLive();
  // They are not forgotten either.
  for (const RawClient& client : silent) {
    ASSERT_TRUE(client.Send("t: x\r\n\r\n"));
    EXPECT_THAT(client.ReadUntil("live\n"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(HttpServerTest, TheLongestSilentConnectionGivesWayToNewOnes) {
  const std::vector<RawClient> silent = HalfSent(300);
  ExpectLive();
  EXPECT_EQ(silent.front().ReadAll(), "");  // closed
  ASSERT_TRUE(silent.back().Send("t: x\r\n\r\n"));
  EXPECT_THAT(silent.back().ReadUntil("live\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, SomePagesAreAnsweredAtOnceWhateverOthersDo) {
  std::vector<RawClient> slow;
  for (int i = 0; i < 10; ++i) {
    slow.emplace_back(server_->port());
    ASSERT_TRUE(slow.back().Send(kSlow));
  }
  begun_.acquire();
  begun_.acquire();  // both threads are in it
  ExpectLive();
  LetSlowPagesGoOn();
  for (const RawClient& client : slow) {
    EXPECT_THAT(client.ReadUntil("slow\n"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(HttpServerTest, PagesInWorkNeverTakeAllConnections) {
  std::vector<RawClient> slow;
  for (int i = 0; i < 300; ++i) {
    slow.emplace_back(server_->port());
    ASSERT_TRUE(slow.back().Send(kSlow));
  }
  EXPECT_THAT(slow.back().ReadUntil("for\n"), StartsWith("HTTP/1.1 503 "));
  ExpectLive();
  LetSlowPagesGoOn();
  EXPECT_THAT(slow.front().ReadUntil("slow\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, ACallerThatLeavesWhileItsPageIsMadeIsForgotten) {
  {
    const RawClient leaving(server_->port());
    ASSERT_TRUE(leaving.Send(kSlow));
    begun_.acquire();
  }
  ExpectLive();
  LetSlowPagesGoOn();
  ExpectLive();
}

TEST_F(HttpServerTest, LargeAnswersAreRefusedWhileOthersAreNotTaken) {
  std::vector<RawClient> holding;
  for (int i = 0; i < 2; ++i) {
    holding.emplace_back(server_->port());
    ASSERT_TRUE(holding.back().Send(kLarge));
    EXPECT_THAT(holding.back().ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
  const RawClient client(server_->port());
  ASSERT_TRUE(client.Send(kLarge));
  EXPECT_THAT(client.ReadUntil("take\n"), StartsWith("HTTP/1.1 503 "));
  ASSERT_TRUE(client.Send(kSmall));
  EXPECT_THAT(client.ReadUntil("small\n"), StartsWith("HTTP/1.1 200 "));

  holding.pop_back();
  holding.pop_back();
  ExpectLive();  // after it, their end has been seen
  const RawClient again(server_->port());
  std::string answer;
  while (true) {
    ASSERT_TRUE(again.Send(kLarge));
    answer = again.ReadUntil("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 503 ")) break;
    again.ReadUntil("take\n");
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, MakesRoomWhenTheProcessHasNoDescriptorLeft) {
  std::vector<RawClient> clients(20);
  const DescriptorLimit limit(DescriptorLimit::NextDescriptor() + 4);
  for (const RawClient& client : clients) {
    client.Connect(server_->port());
    ASSERT_TRUE(client.Send("GET /li"));
  }
  ASSERT_TRUE(clients.back().Send("ve HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(clients.back().ReadUntil("live\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AnswersThatNobodyTakesGiveWayToNewCallers) {
  const std::vector<RawClient> holding(2);
  const RawClient client;
  const DescriptorLimit limit(DescriptorLimit::NextDescriptor() + holding.size());
  for (const RawClient& each : holding) {
    each.Connect(server_->port());
    ASSERT_TRUE(each.Send(kLarge));
    EXPECT_THAT(each.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
  client.Connect(server_->port());
  ASSERT_TRUE(client.Send(kLive));
  EXPECT_THAT(client.ReadUntil("live\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, TakesCallersAgainOnceThereIsADescriptor) {
  const RawClient client;
  {
    const DescriptorLimit limit(DescriptorLimit::NextDescriptor());
    client.Connect(server_->port());
    ASSERT_TRUE(client.Send(kLive));
  }
  EXPECT_THAT(client.ReadUntil("live\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, StopAnswersWhatHasArrivedAndClosesTheRest) {
  const RawClient slow(server_->port());
  ASSERT_TRUE(slow.Send(kSlow));
  begun_.acquire();
  const std::vector<RawClient> silent = HalfSent(3);
  ExpectLive();  // after it, the silent ones have been accepted
  std::thread stopping([this] { server_->Stop(); });
  for (const RawClient& client : silent) EXPECT_EQ(client.ReadAll(), "");
  LetSlowPagesGoOn();
  EXPECT_THAT(slow.ReadAll(), EndsWith("slow\n"));
  stopping.join();
  server_->Stop();  // once more does nothing
}

TEST_F(HttpServerTest, StopDoesNotWaitForCallersThatDoNotTakeTheirAnswers) {
  const RawClient client(server_->port());
  ASSERT_TRUE(client.Send(kLarge));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  server_->Stop();
}

}  // namespace
}  // namespace convoy::http
