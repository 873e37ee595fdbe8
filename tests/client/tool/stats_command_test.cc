#include "client/tool/stats_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <streambuf>
#include <string>

#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

using testing::HasSubstr;

// Takes so many lines and then no more, like a pipe whose reader has gone.
class ShortPipe final : public std::streambuf {
 public:
  explicit ShortPipe(int lines) : left_(lines) {}
  const std::string& text() const { return text_; }

 protected:
  int overflow(int c) override {
    if (left_ == 0) return EOF;
    text_ += static_cast<char>(c);
    if (c == '\n') --left_;
    return c;
  }

 private:
  int left_;
  std::string text_;
};

TEST(StatsCommand, PrintsARowAVersion) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"stats", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "LAYER  VERSION  REQUESTS  FAILED  SEQUENCES/BATCH  TIME     DECODE  QUEUE   COMPUTE  "
            "RESPOND  LAST ANSWER\n"
            "echo   7        1         1       2.0              1.00 ms  100 us  200 us  600 us   "
            "100 us   2023-11-14T22:13:20Z\n");
}

TEST(StatsCommand, JsonHasEveryNumber) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"stats", "echo", "--output", "json", "--server", server.address()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["layer"], "echo");
  EXPECT_EQ(json[0]["sequences"], 2);
  EXPECT_EQ(json[0]["nanoseconds"]["compute"], 600'000);
  EXPECT_EQ(json[0]["nanoseconds"]["failed"], 2'000);
  EXPECT_EQ(json[0]["batch_sizes"][0],
            (nlohmann::json{{"sequences", 2}, {"batches", 1}, {"nanoseconds", 600'000}}));
}

TEST(StatsCommand, WatchingShowsWhatWasDoneSinceTheLastTime) {
  client::FakeServer server;
  ShortPipe pipe(5);
  std::ostream out(&pipe);
  const Ran ran =
      RunConvoyInto(out, {"stats", "--watch", "--interval", "0.001", "--server", server.address()});
  EXPECT_EQ(ran.code, 2) << "nobody reads any more";
  EXPECT_THAT(pipe.text(), HasSubstr("REQUESTS  "));
  EXPECT_THAT(pipe.text(), HasSubstr("\n\nLAYER  VERSION  REQUESTS/S"));
  // One more request of 1 ms, and no further failure.
  EXPECT_THAT(pipe.text().substr(pipe.text().find("REQUESTS/S")), HasSubstr("  0       2.0  "));
}

TEST(StatsCommand, RefusalsAndBadArgumentsAreTold) {
  client::FakeServer server;
  EXPECT_EQ(RunConvoy({"stats", "nobody", "--server", server.address()}).err,
            "convoy: NOT_FOUND: no layer \"nobody\"\n");
  EXPECT_EQ(RunConvoy({"stats", "--output", "xml"}).code, 2);
  EXPECT_EQ(RunConvoy({"stats", "--interval", "0"}).code, 2);
  server.Stop();
  EXPECT_EQ(RunConvoy({"stats", "--server", server.address()}).code, 3);
}

}  // namespace
}  // namespace convoy::tool
