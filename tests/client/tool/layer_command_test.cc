#include "client/tool/layer_command.h"

#include <gtest/gtest.h>

#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

TEST(LayerCommand, PrintsVersionsPlatformAndShapes) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"layer", "echo_first", "--server", server.address()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "layer     echo_first\n"
            "versions  1\n"
            "platform  convoy_conv1d\n"
            "input     FP32 (None, 4, None)  as \"input\"\n"
            "output    FP32 (None, 4, None)  as \"output\"\n");
}

TEST(LayerCommand, AnUnknownLayerIsTheServersRefusal) {
  client::FakeServer server;
  const Ran ran = RunConvoy({"layer", "nobody", "--server", server.address()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: NOT_FOUND: no layer \"nobody\"\n");
}

}  // namespace
}  // namespace convoy::tool
