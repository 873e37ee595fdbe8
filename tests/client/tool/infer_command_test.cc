#include "client/tool/infer_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "client/npy.h"
#include "tests/client/fake_server.h"
#include "tests/client/tool/run_convoy.h"

namespace convoy::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class InferCommandTest : public testing::Test {
 protected:
  // The arguments of `convoy infer` against the fake server.
  Ran Infer(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), "infer");
    arguments.insert(arguments.end(), {"--server", server_.address()});
    return RunConvoy(arguments, input);
  }

  static std::string Npy(const client::TensorView& tensor) {
    std::ostringstream out;
    EXPECT_TRUE(client::WriteNpy(tensor, out).ok());
    return out.str();
  }

  static std::string FloatNpy() {
    return Npy(client::FloatView({1, 2, 2}, {1.0f, 2.0f, 3.0f, 4.5f}));
  }

  static std::string TempPath(const std::string& name) {
    return testing::TempDir() + "infer_command_test_" + name;
  }

  client::FakeServer server_;
};

TEST_F(InferCommandTest, FileInAndFileOut) {
  const std::string in = TempPath("in.npy");
  const std::string out = TempPath("out.npy");
  ASSERT_TRUE(client::WriteNpyFile(client::FloatView({1, 1, 2}, {7.0f, 8.0f}), in).ok());
  const Ran ran = Infer({"echo", "--input", in, "--output", out});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("FP32 (1, 1, 2) in "));
  EXPECT_THAT(ran.out, HasSubstr("ms, version 7\n"));
  EXPECT_EQ(ran.err, "");
  const auto answer = client::ReadNpyFile(out);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->shape, ElementsAre(1, 1, 2));
  EXPECT_THAT(client::ToFloats(answer->view()), ElementsAre(7, 8));
  std::filesystem::remove(in);
  std::filesystem::remove(out);
}

TEST_F(InferCommandTest, APipeCarriesTheArrayAndNothingElse) {
  const Ran ran = Infer({"echo", "--input", "-", "--output", "-"}, FloatNpy());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, FloatNpy());
  EXPECT_EQ(ran.err, "");
}

TEST_F(InferCommandTest, WithoutOutputAPreviewFollowsTheSummary) {
  const Ran ran = Infer({"echo", "--input", "-"}, FloatNpy());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("FP32 (1, 2, 2) in "));
  EXPECT_THAT(ran.out, HasSubstr("[0, 1]                3          4.5\n"));
}

TEST_F(InferCommandTest, TheVersionIsAskedFor) {
  const Ran ran = Infer({"echo", "-i", "-", "--layer-version", "5"}, FloatNpy());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("version 5\n"));
}

TEST_F(InferCommandTest, IntegersAreConvertedOnlyWhenAsked) {
  const std::vector<int64_t> shape = {1, 2, 1};
  const std::string bytes("\x05\x00\xfe\xff", 4);
  const std::string npy = Npy({client::DType::kInt16, shape, bytes});
  EXPECT_THAT(Infer({"echo", "-i", "-"}, npy).out, StartsWith("INT16 "));
  const Ran ran = Infer({"echo", "-i", "-", "--dtype", "FP32"}, npy);
  EXPECT_THAT(ran.out, StartsWith("FP32 (1, 2, 1) "));
  EXPECT_THAT(ran.out, HasSubstr("-2\n"));
  EXPECT_EQ(Infer({"echo", "-i", "-", "--dtype", "float"}, npy).code, 2);
}

TEST_F(InferCommandTest, AnUnknownLayerIsTheServersRefusal) {
  const Ran ran = Infer({"nobody", "-i", "-"}, FloatNpy());
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: NOT_FOUND: no layer \"nobody\"\n");
  EXPECT_EQ(ran.out, "");
}

TEST_F(InferCommandTest, AServerThatSaysUnavailableIsARefusalNotAMissingConnection) {
  server_.set_refusal(
      [](const auto&) { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining"); });
  const Ran ran = Infer({"echo", "-i", "-"}, FloatNpy());
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "convoy: UNAVAILABLE: draining\n");
}

TEST_F(InferCommandTest, NoServerIsAMissingConnection) {
  server_.Stop();
  const Ran ran = Infer({"echo", "-i", "-"}, FloatNpy());
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, StartsWith("convoy: UNAVAILABLE: could not connect to 127.0.0.1:"));
}

TEST_F(InferCommandTest, UnusableInputIsWrongUsageEvenWithoutAServer) {
  server_.Stop();
  const Ran cut = Infer({"echo", "-i", "-"}, FloatNpy().substr(0, 140));
  EXPECT_EQ(cut.code, 2);
  EXPECT_EQ(cut.err, "convoy: npy: expected 16 bytes of data, the input ends after 12\n");
  const Ran missing = Infer({"echo", "-i", TempPath("missing.npy")});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("missing.npy: cannot be opened"));
}

TEST_F(InferCommandTest, AnUnwritableOutputIsWrongUsage) {
  const Ran ran = Infer({"echo", "-i", "-", "-o", TempPath("no/such/folder")}, FloatNpy());
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace convoy::tool
