#include "server/http/model_pages.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/live_version_for_test.h"

namespace convoy::http {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class ModelPagesTest : public ::testing::Test {
 protected:
  ModelPagesTest() {
    AddModelPages(registry_, "127.0.0.1:8001", router_);
    registry::LiveLayer conv;
    conv.name = "conv";
    conv.versions = {LiveVersionForTest("conv", 7, layer::DataFormat::kChannelsLast, 1, 2),
                     LiveVersionForTest("conv", 3, layer::DataFormat::kChannelsFirst, 4, 5)};
    registry::LiveLayer broken;
    broken.name = "broken";
    broken.errors = {absl::InvalidArgumentError("broken/1/config.json: no such file")};
    std::vector<registry::LiveLayer> layers = {broken, conv};
    registry_.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
  }

  Response Ask(std::string method, std::vector<std::string> path) {
    Request request{.method = std::move(method), .path = std::move(path)};
    const auto found = router_.Find(request);
    if (const Response* const none = std::get_if<Response>(&found)) return *none;
    return Answer(*std::get<const Route*>(found), request);
  }

  registry::Registry registry_;
  Router router_;
};

TEST_F(ModelPagesTest, DescribesALayerAsTheProtocolDoes) {
  const Response response = Ask("GET", {"v2", "models", "conv"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(Json::parse(response.body), Json::parse(R"({
    "name": "conv", "versions": ["7", "3"], "platform": "convoy_conv1d",
    "inputs": [{"name": "input", "datatype": "FP32", "shape": [-1, -1, 1]}],
    "outputs": [{"name": "output", "datatype": "FP32", "shape": [-1, -1, 2]}]})"));
}

TEST_F(ModelPagesTest, DescribesOneVersion) {
  const Response response = Ask("GET", {"v2", "models", "conv", "versions", "3"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Json::parse(response.body).at("inputs").at(0).at("shape"), Json({-1, 4, -1}));
}

TEST_F(ModelPagesTest, SaysWhetherALayerCanBeCalled) {
  const Response ready = Ask("GET", {"v2", "models", "conv", "ready"});
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(Json::parse(ready.body), Json({{"name", "conv"}, {"ready", true}}));
  EXPECT_EQ(Ask("GET", {"v2", "models", "conv", "versions", "3", "ready"}).status, 200);
  registry_.Drain();
  EXPECT_EQ(Ask("GET", {"v2", "models", "conv", "ready"}).status, 503);
}

TEST_F(ModelPagesTest, AnUnknownLayerOrVersionIs404WithTheReason) {
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{"v2", "models", "nobody"},
                                             {"v2", "models", "nobody", "ready"},
                                             {"v2", "models", "conv", "versions", "4"},
                                             {"v2", "models", "conv", "versions", "x", "ready"}}) {
    const Response response = Ask("GET", path);
    EXPECT_EQ(response.status, 404);
    EXPECT_FALSE(Json::parse(response.body).at("error").get<std::string>().empty());
  }
}

TEST_F(ModelPagesTest, ABrokenLayerIs503WithTheReason) {
  for (const std::vector<std::string>& path : std::vector<std::vector<std::string>>{
           {"v2", "models", "broken"}, {"v2", "models", "broken", "ready"}}) {
    const Response response = Ask("GET", path);
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr("no such file"));
  }
}

TEST_F(ModelPagesTest, InferSaysWhereGrpcListens) {
  for (const std::vector<std::string>& path : std::vector<std::vector<std::string>>{
           {"v2", "models", "conv", "infer"}, {"v2", "models", "x", "versions", "1", "infer"}}) {
    const Response response = Ask("POST", path);
    EXPECT_EQ(response.status, 501);
    const Json body = Json::parse(response.body);
    EXPECT_EQ(body.at("grpc_address"), "127.0.0.1:8001");
    EXPECT_THAT(body.at("error").get<std::string>(), HasSubstr("gRPC"));
  }
  EXPECT_EQ(Ask("GET", {"v2", "models", "conv", "infer"}).status, 405);
}

}  // namespace
}  // namespace convoy::http
