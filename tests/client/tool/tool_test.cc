#include "client/tool/tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "client/npy.h"
#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Tool, HelpNamesEveryCommandAndShowsExamples) {
  const Ran ran = RunConvoy({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  for (const char* word : {"infer", "layers", "layer", "health", "bench", "--server", "--timeout",
                           "CONVOY_SERVER", "127.0.0.1:8001", "Examples:", "Exit codes:"}) {
    EXPECT_THAT(ran.out, HasSubstr(word));
  }
}

TEST(Tool, EveryCommandHasItsOwnHelp) {
  for (const char* command : {"infer", "layers", "layer", "health", "bench"}) {
    const Ran ran = RunConvoy({command, "--help"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.out, HasSubstr(std::string("convoy ") + command));
  }
}

TEST(Tool, VersionIsOneLine) {
  const Ran ran = RunConvoy({"--version"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, testing::MatchesRegex("convoy [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Tool, WrongUsageIsOneLineAndExitCodeTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"fly"},
      {"infer"},
      {"layer"},
      {"layers", "--no-such-flag"},
      {"layers", "extra"},
      {"layers", "layer", "x"},
      {"layers", "--timeout", "0"},
      {"layers", "--timeout", "soon"},
  };
  for (const auto& arguments : wrong) {
    const Ran ran = RunConvoy(arguments);
    EXPECT_EQ(ran.code, 2) << testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, StartsWith("convoy: "));
    EXPECT_EQ(ran.err.find('\n'), ran.err.size() - 1) << ran.err;
  }
}

TEST(Tool, CommonOptionsStandBeforeOrBehindTheCommand) {
  client::FakeServer server;
  EXPECT_EQ(RunConvoy({"--server", server.address(), "layers"}).code, 0);
  EXPECT_EQ(RunConvoy({"layers", "--server", server.address()}).code, 0);
}

TEST(Tool, TheServerComesFromTheEnvironmentUnlessTheFlagNamesOne) {
  client::FakeServer server;
  client::FakeServer stopped;
  stopped.Stop();
  setenv("CONVOY_SERVER", server.address().c_str(), 1);
  EXPECT_EQ(RunConvoy({"layers"}).code, 0);
  EXPECT_EQ(RunConvoy({"layers", "--server", stopped.address()}).code, 3);
  unsetenv("CONVOY_SERVER");
}

// Takes `room` bytes and then, as a full disk does, no more.
class FullBuffer : public std::streambuf {
 public:
  explicit FullBuffer(int room) : room_(room) {}

 protected:
  int_type overflow(int_type c) override { return room_-- > 0 ? c : traits_type::eof(); }

 private:
  int room_;
};

TEST(Tool, OutputThatIsCutOffIsAnError) {
  client::FakeServer server;
  std::ostringstream npy;
  ASSERT_TRUE(client::WriteNpy(client::FloatView({1, 1, 2}, {7.0f, 8.0f}), npy).ok());
  const std::vector<std::vector<std::string>> commands = {
      {"--help"},
      {"--version"},
      {"layers"},
      {"layer", "echo"},
      {"health"},
      {"infer", "echo", "--input", "-"},
      {"infer", "echo", "--input", "-", "--output", "-"},
      {"bench", "echo", "--shape", "1,1,4", "--requests", "1", "--json"},
      {"bench", "echo", "--shape", "1,1,4", "--requests", "1"}};
  for (std::vector<std::string> arguments : commands) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    arguments.insert(arguments.end(), {"--server", server.address()});
    std::ostringstream whole;
    ASSERT_EQ(RunConvoyInto(whole, arguments, npy.str()).code, 0);
    for (const int room : {0, static_cast<int>(whole.str().size()) / 2}) {
      FullBuffer full(room);
      std::ostream out(&full);
      const Ran ran = RunConvoyInto(out, arguments, npy.str());
      EXPECT_EQ(ran.code, 2);
      EXPECT_THAT(ran.err, HasSubstr("writing failed"));
    }
  }
}

TEST(Tool, TheTimeoutIsTheDeadlineOfACall) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"bench", "echo", "--shape", "1,1,4", "--requests", "1", "--timeout",
                             "3000", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  // gRPC rounds the time it sends up.
  EXPECT_LE(server.last_time_left(), absl::Seconds(3100));
  EXPECT_GT(server.last_time_left(), absl::Seconds(2000));
}

}  // namespace
}  // namespace convoy::tool
