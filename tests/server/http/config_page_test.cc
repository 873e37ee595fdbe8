#include "server/http/config_page.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/fake_configuration.h"
#include "tests/server/http/live_version_for_test.h"

namespace convoy::http {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

class ConfigPageTest : public ::testing::Test {
 protected:
  ConfigPageTest() {
    registry::LiveLayer layer;
    layer.name = "my layer";
    layer.versions = {LiveVersionForTest("my layer", 1, layer::DataFormat::kChannelsLast, 1, 2)};
    registry_.Publish(
        std::make_shared<const registry::Snapshot>(std::vector<registry::LiveLayer>{layer}));
    AddConfigPage(configuration_, router_);
  }

  Response Get(std::vector<std::string> path) {
    Request request{.method = "GET", .path = std::move(path)};
    const auto found = router_.Find(request);
    if (const Response* const none = std::get_if<Response>(&found)) return *none;
    return Answer(*std::get<const Route*>(found), request);
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;

  // A PATCH as a good client sends it, `headers` in front.
  Response Patch(const std::string& body, Headers headers = {}, const std::string& query = "") {
    headers.emplace_back("content-type", "application/json");
    headers.emplace_back("host", "here:8002");
    Request request{.method = "PATCH", .path = {"config"}, .headers = std::move(headers)};
    request.query = query;
    request.body = body;
    return Answer(*std::get<const Route*>(router_.Find(request)), request);
  }

  static std::string HeaderOf(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  registry::Registry registry_;
  FakeConfiguration configuration_{registry_, {{"version", "1.2.3"}}};
  Router router_;
};

TEST_F(ConfigPageTest, ShowsAll) {
  const Response response = Get({"config"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Json::parse(response.body), configuration_.Show());
}

TEST_F(ConfigPageTest, TellsTheEtag) { EXPECT_EQ(HeaderOf(Get({"config"}), "ETag"), "\"one\""); }

TEST_F(ConfigPageTest, HandsAPatchOn) {
  const Response response = Patch(R"({"options": {"drain-seconds": 2}})",
                                  {{"if-match", "\"a\", W/\"b\" , \"c\""}}, "validate_only=true");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(HeaderOf(response, "ETag"), "\"two\"");
  ASSERT_EQ(configuration_.requests.size(), 1u);
  const config::ChangeRequest& request = configuration_.requests.front();
  EXPECT_EQ(request.patch, Json::parse(R"({"options": {"drain-seconds": 2}})"));
  EXPECT_EQ(request.etags, (std::vector<std::string>{"a", "none", "c"}));
  EXPECT_TRUE(request.validate_only);
  Patch("{}", {{"if-match", " * "}}, "validate_only=false");
  EXPECT_TRUE(configuration_.requests.back().etags.empty());
  EXPECT_FALSE(configuration_.requests.back().validate_only);
}

TEST_F(ConfigPageTest, TellsWhatIsRefused) {
  for (const auto& [status, code] :
       std::vector<std::pair<absl::Status, int>>{{absl::InvalidArgumentError("why"), 400},
                                                 {absl::NotFoundError("why"), 404},
                                                 {absl::FailedPreconditionError("why"), 409},
                                                 {absl::AbortedError("why"), 412},
                                                 {absl::InternalError("why"), 500}}) {
    configuration_.status = status;
    const Response response = Patch("{}");
    EXPECT_EQ(response.status, code);
    EXPECT_EQ(Json::parse(response.body)["error"], "why");
    EXPECT_TRUE(Json::parse(response.body)["refused"].is_array());
  }
}

TEST_F(ConfigPageTest, RefusesPagesOfOtherSites) {
  for (const char* const origin : {"http://evil.example", "null", "http://here", "http://here:80",
                                   "https://here:8002.evil.example", "here:8002"}) {
    EXPECT_EQ(Patch("{}", {{"origin", origin}}).status, 403) << origin;
  }
  EXPECT_TRUE(configuration_.requests.empty());
  EXPECT_EQ(Patch("{}", {{"origin", "http://here:8002"}}).status, 200);
  EXPECT_EQ(Patch("{}", {{"origin", "https://here:8002"}}).status, 200);
}

TEST_F(ConfigPageTest, RefusesWhatIsNoJson) {
  for (const char* const type : {"text/plain", "application/merge-patch+json", "application/jsonx",
                                 "application/x-www-form-urlencoded", ""}) {
    EXPECT_EQ(Patch("{}", {{"content-type", type}}).status, 415) << type;
  }
  EXPECT_EQ(Patch("{}", {{"content-type", "Application/JSON; charset=utf-8"}}).status, 200);
  configuration_.requests.clear();
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("{} {}"), std::string("{\"a\": NaN}"),
        std::string("\xFF"), std::string(1000, '[')}) {
    const Response response = Patch(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body, HasSubstr("the body: "));
  }
  EXPECT_EQ(Patch("{}", {}, "validate_only").status, 400);
  EXPECT_EQ(Patch("{}", {}, "validate_only=true&x=1").status, 400);
  EXPECT_TRUE(configuration_.requests.empty());
}

TEST_F(ConfigPageTest, ShowsOneLayer) {
  const Response response = Get({"config", "layers", "my layer"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Json::parse(response.body), configuration_.ShowLayer("my layer").value());
}

TEST_F(ConfigPageTest, NamesALayerThatIsNotThere) {
  const Response response = Get({"config", "layers", "other"});
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("\"other\""));
  EXPECT_EQ(Get({"config", "layers", ""}).status, 404);
  EXPECT_EQ(Get({"config", "layers"}).status, 404);
}

}  // namespace
}  // namespace convoy::http
