#include "client/tool/layers_command.h"

#include <gtest/gtest.h>

#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

TEST(LayersCommand, PrintsShapesOfReadyLayersAndReasonsOfBrokenOnes) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"layers", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "LAYER       VERSION  STATE        INPUT                 OUTPUT                REASON\n"
            "broken      -        UNAVAILABLE  -                     -                     "
            "config.json: filters: expected at least 1\n"
            "echo        7        READY        FP32 (None, None, 4)  FP32 (None, None, 4)\n"
            "echo_first  1        READY        FP32 (None, 4, None)  FP32 (None, 4, None)\n");
}

TEST(LayersCommand, NoServerIsAMissingConnection) {
  client::FakeServer server;
  server.Stop();
  EXPECT_EQ(RunConvoy({"layers", "--server", server.address()}).code, 3);
}

}  // namespace
}  // namespace convoy::tool
