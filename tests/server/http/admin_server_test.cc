#include "server/http/admin_server.h"

#include <httplib.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/access/permission.h"
#include "tests/server/http/fake_configuration.h"
#include "tests/server/http/live_version_for_test.h"
#include "tests/server/http/raw_client.h"

namespace convoy::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() {
    auto started = AdminServer::Start("127.0.0.1:0", registry_, metrics_, configuration_);
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
  }

  void Publish(std::vector<registry::LiveLayer> layers) {
    registry_.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
  }

  registry::Registry registry_;
  metrics::Metrics metrics_;
  FakeConfiguration configuration_{registry_,
                                   {{"version", "1.2.3"}, {"grpc_address", "here:8001"}}};
  std::unique_ptr<AdminServer> server_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(AdminServerTest, OfEveryPageItIsKnownWhatItsCallersNeed) {
  EXPECT_GT(server_->pages().size(), 10);
  for (const auto& [method, pattern] : server_->pages()) {
    EXPECT_TRUE(access::PermissionOfPage(method, pattern).has_value()) << method << " " << pattern;
  }
}

TEST_F(AdminServerTest, ServesMetricsAsPrometheusText) {
  const auto conv = metrics_.ForLayer("conv");
  conv->OnRequest(
      {.stages = {.compute = std::chrono::milliseconds(1)}, .input_bytes = 8, .output_bytes = 4});
  const auto response = client_->Get("/metrics");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->get_header_value("Content-Type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(response->body, HasSubstr("convoy_requests_total{layer=\"conv\",version=\"\","
                                        "method=\"ModelInfer\",code=\"OK\"} 1\n"));
}

TEST_F(AdminServerTest, IsLiveBeforeItIsReady) {
  auto response = client_->Get("/v2/health/live");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  response = client_->Get("/v2/health/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(nlohmann::json::parse(response->body),
            nlohmann::json({{"ready", false}, {"reason", "the server is starting"}}));
  response = client_->Get("/v2/health/ready", {{"Accept", "text/plain"}});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "not ready: the server is starting\n");
}

TEST_F(AdminServerTest, IsReadyFromTheFirstSnapshotUntilTheDrain) {
  Publish({});
  auto response = client_->Get("/v2/health/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  registry_.Drain();
  response = client_->Get("/v2/health/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  response = client_->Get("/v2/health/live");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(AdminServerTest, ShowsTheConfigurationOfTheLatestSnapshot) {
  auto response = client_->Get("/config");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(nlohmann::json::parse(response->body).at("layers"), nlohmann::json::array());

  registry::LiveLayer layer;
  layer.name = "conv";
  layer.versions = {LiveVersionForTest("conv", 1, layer::DataFormat::kChannelsLast, 1, 2)};
  Publish({layer});
  response = client_->Get("/config");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->get_header_value("Content-Type"), "application/json");
  const nlohmann::json page = nlohmann::json::parse(response->body);
  EXPECT_EQ(page.at("server").at("version"), "1.2.3");
  EXPECT_EQ(page.at("layers").at(0).at("name"), "conv");
}

TEST_F(AdminServerTest, ShowsErrorsThatAreNotUtf8) {
  registry::LiveLayer layer;
  layer.name = "conv";
  layer.errors = {absl::InvalidArgumentError("\xFF")};
  Publish({layer});
  const auto response = client_->Get("/config");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body, HasSubstr("\xEF\xBF\xBD"));
}

TEST_F(AdminServerTest, LinksItsPagesFromTheFirst) {
  const auto response = client_->Get("/");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  for (const char* const page :
       {"/metrics", "/config", "/status", "/v2", "/v2/health/live", "/v2/health/ready"}) {
    EXPECT_THAT(response->body, HasSubstr(absl::StrCat("href=\"", page, "\"")));
    EXPECT_TRUE(client_->Get(page)) << page;
  }
}

TEST_F(AdminServerTest, ShowsItsStatus) {
  Publish({});
  for (const char* const level : {"ok", "draining"}) {
    const auto is_level = [&] {
      const auto response = client_->Get("/status");
      return nlohmann::json::parse(response->body).at("state").at("level") == level;
    };
    while (!is_level()) std::this_thread::yield();  // once a second
    registry_.Drain();
  }
}

TEST_F(AdminServerTest, AnswersAWrongPathWith404AndAWrongMethodWith405) {
  for (const char* const path : {"/metric", "/metrics/", "/v3", "/config/../../etc/passwd"}) {
    const auto response = client_->Get(path);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404) << path;
    EXPECT_THAT(response->body, HasSubstr("no such page"));
  }
  const auto posted = client_->Post("/metrics", "x", "text/plain");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->status, 405);
}

TEST_F(AdminServerTest, AnswersHeadWithoutABody) {
  const auto response = client_->Head("/metrics");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body, IsEmpty());
  EXPECT_NE(response->get_header_value("Content-Length"), "0");
}

TEST_F(AdminServerTest, RefusesLargeBodiesAndPathsAndStaysAlive) {
  const auto body = client_->Post("/metrics", std::string(1 << 20, 'x'), "text/plain");
  EXPECT_TRUE(!body || body->status == 405);
  const auto path = client_->Get("/" + std::string(100'000, 'x'));
  EXPECT_TRUE(!path || path->status == 414) << path->status;
  const auto response = client_->Get("/v2/health/live");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(AdminServerTest, IsLiveBesideHalfSentRequests) {
  std::vector<RawClient> half_sent;
  for (int i = 0; i < 64; ++i) {
    half_sent.emplace_back(server_->port());
    ASSERT_TRUE(half_sent.back().Send("GET /met"));
  }
  const auto response = client_->Get("/v2/health/live");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(AdminServerTest, SpeaksTheProtocolsRestForm) {
  Publish({});
  auto response = client_->Get("/v2");
  ASSERT_TRUE(response);
  EXPECT_EQ(nlohmann::json::parse(response->body),
            nlohmann::json::parse(R"({"name": "convoy", "version": "1.2.3", "extensions": []})"));
  response = client_->Get("/v2/models/nobody/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
  response = client_->Post("/v2/models/nobody/infer", "{}", "application/json");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 501);
  EXPECT_THAT(response->body, HasSubstr("here:8001"));
}

TEST_F(AdminServerTest, NamesAnAddressThatIsTaken) {
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  const auto second = AdminServer::Start(address, registry_, metrics_, configuration_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr(address), HasSubstr("Address already in use")));
}

TEST_F(AdminServerTest, RefusesAMalformedAddressAndAnUnknownHost) {
  for (const char* const address : {"nowhere", "256.0.0.1:0"}) {
    const auto refused = AdminServer::Start(address, registry_, metrics_, configuration_);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(address));
  }
}

TEST_F(AdminServerTest, FreesItsPortWhenItStops) {
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  ASSERT_TRUE(client_->Get("/v2/health/live"));
  server_->Stop();
  server_->Stop();
  EXPECT_FALSE(client_->Get("/v2/health/live"));
  EXPECT_TRUE(AdminServer::Start(address, registry_, metrics_, configuration_).ok());
}

}  // namespace
}  // namespace convoy::http
