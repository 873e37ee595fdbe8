#include "server/rpc/config_methods.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/layer_json.h"
#include "tests/server/http/live_version_for_test.h"
#include "tests/server/rpc/table_server.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

registry::LiveLayer TestLayer() {
  registry::LiveLayer layer{.name = "conv"};
  layer.versions = {http::LiveVersionForTest("conv", 2, BuildLayer(TestConfig()))};
  layer.errors = {absl::InvalidArgumentError("conv/3/config.json: \xFF")};
  return layer;
}

// One option of each kind of value.
Json ServerJson() {
  const auto option = [](Json value) {
    return Json{{"value", std::move(value)},
                {"source", "flag"},
                {"unit", "bytes"},
                {"minimum", 0},
                {"maximum", 1.5},
                {"choices", {"a"}},
                {"changeable", true}};
  };
  return {{"version", "1.2.3"},
          {"libraries", {{"oneDNN", "3.2"}}},
          {"instruction_set", "AVX2"},
          {"grpc_address", "here:1"},
          {"workers", 2},
          {"pollers", 1},
          {"options",
           {{"number", option(int64_t{1} << 40)},
            {"text", option("x")},
            {"switch", option(true)},
            {"list", option({"a", "b"})},
            {"none", option(nullptr)}}}};
}

class OneLayer final : public config::Configuration {
 public:
  Json About() const override { return {}; }
  Json ShowWithoutLayers() const override {
    return {{"etag", "one"},
            {"server", ServerJson()},
            {"changes", {{"options", {{"log-level", "warn"}}}, {"layers", {{"conv", {{"k", 1}}}}}}},
            {"needs_restart", {"workers"}}};
  }
  Json Show() const override {
    Json shown = ShowWithoutLayers();
    shown["layers"] = Json::array({config::LayerJson(TestLayer())});
    return shown;
  }
  absl::StatusOr<Json> ShowLayer(const std::string& name) const override {
    if (name == "conv") return config::LayerJson(TestLayer());
    return absl::NotFoundError("layer \"" + name + "\": is not known");
  }
  config::ChangeAnswer Change(const config::ChangeRequest& request) override {
    requests.push_back(request);
    return {status,
            {{"etag", "two"},
             {"validate_only", request.validate_only},
             {"changed",
              {{{"layer", "conv"},
                {"option", "k"},
                {"old", nullptr},
                {"new", 1},
                {"source", "runtime"}}}},
             {"refused", {{{"option", "workers"}, {"reason", "why"}, {"needs_restart", true}}}},
             {"kept_across_restart", false}}};
  }

  std::vector<config::ChangeRequest> requests;
  absl::Status status;
};

TEST(ServerConfigTest, HasAFieldForEverythingThatIsShown) {
  const absl::StatusOr<v1::ServerConfig> config =
      ToServerConfig(OneLayer().Show(), /*strict=*/true);
  ASSERT_TRUE(config.ok()) << config.status();
  const auto& options = config->server().options();
  EXPECT_EQ(options.at("number").value().number_value(), 1099511627776.0);
  EXPECT_EQ(options.at("number").unit(), "bytes");
  EXPECT_EQ(options.at("number").minimum(), 0);
  EXPECT_EQ(options.at("number").maximum(), 1.5);
  EXPECT_TRUE(options.at("number").changeable());
  EXPECT_EQ(options.at("text").value().string_value(), "x");
  EXPECT_TRUE(options.at("switch").value().bool_value());
  EXPECT_EQ(options.at("list").value().list_value().values_size(), 2);
  EXPECT_TRUE(options.at("none").value().has_null_value());
  const v1::LayerVersion& version = config->layers(0).versions(0);
  EXPECT_EQ(version.version(), 2);
  EXPECT_EQ(Json::parse(version.config_json()).at("class_name"), "Conv1D");
  EXPECT_EQ(version.input().shape(0), -1);
  EXPECT_FALSE(version.options().at("deterministic").value().bool_value());
  EXPECT_EQ(version.options().at("deterministic").source(), "default");
}

TEST(ServerConfigTest, LeavesOutWhatItHasNoFieldFor) {
  Json shown = OneLayer().Show();
  shown["server"]["later"] = 1;
  EXPECT_FALSE(ToServerConfig(shown, /*strict=*/true).ok());
  EXPECT_TRUE(ToServerConfig(shown).ok());
}

class ConfigMethodsTest : public TableServerTest {
 protected:
  ConfigMethodsTest() {
    AddConfigMethods(configuration_, threads_, table_);
    Start();
  }

  grpc::Status Get(const std::string& layer, v1::ServerConfig& config) {
    v1::GetServerConfigRequest request;
    request.set_layer(layer);
    std::string answer;
    const grpc::Status status =
        Call(MethodPath(kConfigService, "GetServerConfig"), request.SerializeAsString(), &answer);
    EXPECT_TRUE(config.ParseFromString(answer));
    return status;
  }

  OneLayer configuration_;
  CallThreads threads_{{.name = "test"}};
};

TEST_F(ConfigMethodsTest, AnswersAllOrOneLayer) {
  for (const std::string layer : {"", "conv"}) {
    v1::ServerConfig config;
    ASSERT_TRUE(Get(layer, config).ok());
    EXPECT_EQ(config.server().version(), "1.2.3");
    ASSERT_EQ(config.layers_size(), 1);
    EXPECT_EQ(config.layers(0).name(), "conv");
    EXPECT_EQ(config.layers(0).errors(0), "conv/3/config.json: \xEF\xBF\xBD");
  }
}

TEST_F(ConfigMethodsTest, HandsAChangeOnAsAMergePatch) {
  v1::UpdateServerConfigRequest request;
  auto& options = *request.mutable_changes()->mutable_options();
  options["max-queue-bytes"].set_number_value(1 << 20);
  options["max-queue-seconds"].set_number_value(0.5);
  options["log-level"].set_string_value("warn");
  options["workers"].set_null_value({});
  auto& of_layer = *(*request.mutable_changes()->mutable_layers())["conv"].mutable_fields();
  of_layer["max_batch_requests"].set_number_value(8);
  of_layer["max_batch_bytes"].set_null_value({});
  request.set_etag("one");
  request.set_validate_only(true);
  std::string bytes;
  ASSERT_TRUE(
      Call(MethodPath(kConfigService, "UpdateServerConfig"), request.SerializeAsString(), &bytes)
          .ok());
  ASSERT_EQ(configuration_.requests.size(), 1u);
  const config::ChangeRequest& asked = configuration_.requests.front();
  // Maps of protobuf have no order.
  EXPECT_EQ(nlohmann::json::parse(asked.patch.dump()), nlohmann::json::parse(R"({
      "options": {"max-queue-bytes": 1048576, "max-queue-seconds": 0.5, "log-level": "warn",
                  "workers": null},
      "layers": {"conv": {"max_batch_requests": 8, "max_batch_bytes": null}}})"))
      << asked.patch;
  EXPECT_TRUE(asked.patch["options"]["max-queue-bytes"].is_number_integer());
  EXPECT_EQ(asked.etags, std::vector<std::string>{"one"});
  EXPECT_TRUE(asked.validate_only);
  v1::UpdateServerConfigResponse answer;
  ASSERT_TRUE(answer.ParseFromString(bytes));
  EXPECT_EQ(answer.etag(), "two");
  EXPECT_TRUE(answer.validate_only());
  EXPECT_FALSE(answer.kept_across_restart());
  EXPECT_EQ(answer.changed(0).layer(), "conv");
  EXPECT_EQ(answer.changed(0).new_().number_value(), 1);
  EXPECT_TRUE(answer.refused(0).needs_restart());
}

TEST_F(ConfigMethodsTest, ARefusedChangeIsItsStatus) {
  configuration_.status = absl::AbortedError("etag: no");
  const grpc::Status status = Call(MethodPath(kConfigService, "UpdateServerConfig"), "");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "etag: no");
  EXPECT_TRUE(configuration_.requests.front().etags.empty());
  EXPECT_EQ(configuration_.requests.front().patch, Json::object());
}

TEST_F(ConfigMethodsTest, NamesALayerThatIsNotThere) {
  v1::ServerConfig config;
  const grpc::Status status = Get("other", config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("\"other\""));
}

}  // namespace
}  // namespace convoy::rpc
