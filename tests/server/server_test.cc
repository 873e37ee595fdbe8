#include "server/server.h"

#include <httplib.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ServerTest : public repository::RepositoryTest {
 protected:
  ParsedOptions Options() const {
    ParsedOptions options;
    options.values.loading.repository = root_.string();
    options.values.grpc.address = "127.0.0.1:0";
    options.values.http_address = "127.0.0.1:0";
    options.values.scheduler.workers = 1;
    options.values.drain_seconds = 0;
    options.values.shutdown_seconds = 0;
    return options;
  }

  static void WaitUntilReady(const Server& server) {
    httplib::Client client("http://" + server.http_address());
    for (int status = 0; status != 200; std::this_thread::yield()) {
      const auto response = client.Get("/v2/health/ready");
      status = response ? response->status : 0;
    }
  }

  static std::string MessageOf(const ParsedOptions& options, absl::StatusCode code) {
    const auto server = Server::Start(options);
    EXPECT_EQ(server.status().code(), code) << server.status();
    return std::string(server.status().message());
  }
};

TEST_F(ServerTest, TellsThePortsThatItChose) {
  WriteVersion("conv", "1");
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT((*server)->grpc_address(), AllOf(HasSubstr("127.0.0.1:"), Not(HasSubstr(":0"))));
  EXPECT_THAT((*server)->http_address(), AllOf(HasSubstr("127.0.0.1:"), Not(HasSubstr(":0"))));
}

TEST_F(ServerTest, ServesOverAUnixSocket) {
  ParsedOptions options = Options();
  options.values.grpc.address = absl::StrCat("unix:", (root_ / "socket").string());
  const auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->grpc_address(), options.values.grpc.address);
  EXPECT_TRUE(std::filesystem::exists(root_ / "socket"));
}

TEST_F(ServerTest, ServesHttpOverAUnixSocketToo) {
  ParsedOptions options = Options();
  options.values.http_address = absl::StrCat("unix:", (root_ / "http").string());
  const auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->http_address(), options.values.http_address);
  (*server)->Shutdown();
  EXPECT_FALSE(std::filesystem::exists(root_ / "http"));
}

TEST_F(ServerTest, IsReadyOnlyWithItsRequiredLayers) {
  WriteVersion("conv", "1");
  Write("needed/1/config.json", "{}");
  ParsedOptions options = Options();
  options.values.required_layers = {"conv", "needed"};
  const auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  httplib::Client client("http://" + (*server)->http_address());
  std::string body;
  while (body.find("needed") == std::string::npos) {
    const auto response = client.Get("/v2/health/ready");
    ASSERT_TRUE(response);
    ASSERT_EQ(response->status, 503);
    body = response->body;
  }
  EXPECT_EQ(client.Get("/v2/models/conv/ready")->status, 200);
  WriteVersion("needed", "2");
  WaitUntilReady(**server);
}

TEST_F(ServerTest, StartsWithAnEmptyRepository) {
  const auto server = Server::Start(Options());
  EXPECT_TRUE(server.ok()) << server.status();
}

TEST_F(ServerTest, StartsAlthoughALayerIsBroken) {
  Write("bad/1/config.json", "{}");
  const auto server = Server::Start(Options());
  EXPECT_TRUE(server.ok()) << server.status();
}

TEST_F(ServerTest, NamesAMissingRepository) {
  ParsedOptions options = Options();
  options.values.loading.repository = (root_ / "none").string();
  EXPECT_THAT(MessageOf(options, absl::StatusCode::kNotFound),
              HasSubstr(options.values.loading.repository));
}

TEST_F(ServerTest, NamesAnAddressThatIsTaken) {
  const auto first = Server::Start(Options());
  ASSERT_TRUE(first.ok()) << first.status();
  ParsedOptions options = Options();
  options.values.grpc.address = (*first)->grpc_address();
  EXPECT_THAT(MessageOf(options, absl::StatusCode::kUnavailable),
              HasSubstr(options.values.grpc.address));
  options = Options();
  options.values.http_address = (*first)->http_address();
  EXPECT_THAT(MessageOf(options, absl::StatusCode::kUnavailable),
              HasSubstr(options.values.http_address));
}

TEST_F(ServerTest, FreesItsPortsAfterShutdown) {
  const auto first = Server::Start(Options());
  ASSERT_TRUE(first.ok()) << first.status();
  ParsedOptions options = Options();
  options.values.grpc.address = (*first)->grpc_address();
  options.values.http_address = (*first)->http_address();
  (*first)->Shutdown();
  (*first)->Shutdown();
  EXPECT_TRUE(Server::Start(options).ok());
}

TEST_F(ServerTest, WaitsOutTheLameDuckPeriod) {
  ParsedOptions options = Options();
  options.values.drain_seconds = 0.2;
  const auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  WaitUntilReady(**server);
  const auto start = std::chrono::steady_clock::now();
  (*server)->Shutdown();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(200));
}

}  // namespace
}  // namespace convoy
