#include "client/tool/health_command.h"

#include <gtest/gtest.h>

#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

TEST(HealthCommand, SaysThatTheServerAndALayerAreReady) {
  client::FakeServer server;
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"health"}, {"health", "echo"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--server", server.address()});
    const Ran ran = RunConvoy(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, "ready\n");
  }
}

TEST(HealthCommand, AServerThatIsNotReadyIsExitCodeOne) {
  client::FakeServer server;
  server.set_ready(false);
  Ran ran = RunConvoy({"health", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "convoy: UNAVAILABLE: the server is not ready\n");
  ran = RunConvoy({"health", "echo", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: UNAVAILABLE: layer 'echo' is not ready\n");
}

TEST(HealthCommand, ALayerThatCannotBeCalledIsExitCodeOneWithTheServersReason) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"health", "nobody", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: NOT_FOUND: no layer \"nobody\"\n");
}

TEST(HealthCommand, NoServerIsExitCodeThree) {
  client::FakeServer server;
  server.Stop();
  EXPECT_EQ(RunConvoy({"health", "--server", server.address()}).code, 3);
}

}  // namespace
}  // namespace convoy::tool
