#include "server/config/layer_json.h"

#include "gtest/gtest.h"
#include "kernel/keras/layer_json.h"
#include "kernel/layer/regularizer.h"
#include "tests/server/http/live_version_for_test.h"

namespace convoy::config {
namespace {

using Json = nlohmann::ordered_json;
using http::LiveVersionForTest;

TEST(LayerJsonTest, ShowsEveryVersionOfALayer) {
  registry::LiveLayer stft;
  stft.name = "stft";
  stft.versions = {LiveVersionForTest("stft", 3, layer::DataFormat::kChannelsLast, 1, 258),
                   LiveVersionForTest("stft", 2, layer::DataFormat::kChannelsFirst, 4, 8)};
  const Json layer = LayerJson(stft);
  EXPECT_EQ(layer.at("name"), "stft");
  EXPECT_EQ(layer.at("state"), "ready");
  EXPECT_EQ(layer.at("errors"), Json::array());
  const Json& newest = layer.at("versions").at(0);
  EXPECT_EQ(newest.at("version"), 3);
  EXPECT_EQ(newest.at("input").dump(), R"({"name":"input","datatype":"FP32","shape":[-1,-1,1]})");
  EXPECT_EQ(newest.at("output").dump(),
            R"({"name":"output","datatype":"FP32","shape":[-1,-1,258]})");
  const Json& older = layer.at("versions").at(1);
  EXPECT_EQ(older.at("version"), 2);
  EXPECT_EQ(older.at("input").at("shape").dump(), "[-1,4,-1]");
  EXPECT_EQ(older.at("output").at("shape").dump(), "[-1,8,-1]");
}

TEST(LayerJsonTest, ShowsAConfigThatKerasReads) {
  registry::LiveLayer layer;
  layer.name = "conv";
  layer.versions = {LiveVersionForTest("conv", 1, layer::DataFormat::kChannelsLast, 1, 2)};
  const Json page = LayerJson(layer);
  const std::string config = page.at("versions").at(0).at("config").dump();
  const absl::StatusOr<keras::LayerFile> file = keras::ParseLayer(config);
  ASSERT_TRUE(file.ok()) << file.status() << config;
  EXPECT_EQ(file->config.filters, 2);
  EXPECT_EQ(file->config.window.kernel_size, 2);
}

TEST(LayerJsonTest, NamesTheDtypesParametersAndLosses) {
  layer::Conv1DConfig config;
  config.filters = 2;
  config.window.kernel_size = 1;
  config.use_bias = false;
  config.dtype_policy = {layer::DType::kFloat32, layer::DType::kFloat16};
  config.kernel_regularizer = layer::Regularizer{.l1 = 0.01};
  layer::Conv1DWeights weights;
  weights.kernel = {layer::DType::kFloat32, {1, 1, 2}, std::vector<std::byte>(8)};
  registry::LiveLayer layer;
  layer.versions = {
      LiveVersionForTest("conv", 1,
                         std::make_shared<const layer::Conv1D>(
                             layer::Conv1D::Build(config, 1, std::move(weights)).value()))};
  const Json page = LayerJson(layer);
  const Json& version = page.at("versions").at(0);
  EXPECT_EQ(version.at("input").at("datatype"), "FP16");
  EXPECT_EQ(version.at("output").at("datatype"), "FP16");
  EXPECT_EQ(version.at("count_params"), 2);
  EXPECT_EQ(version.at("losses").dump(), R"({"kernel":0.0})");
}

TEST(LayerJsonTest, SaysWhyALayerIsBroken) {
  registry::LiveLayer layer;
  layer.name = "conv";
  layer.errors = {absl::InvalidArgumentError("conv/1/config.json: no such file")};
  const Json page = LayerJson(layer);
  EXPECT_EQ(page.dump(), R"({"name":"conv","state":"broken","versions":[],)"
                         R"("errors":["conv/1/config.json: no such file"],"incomplete":[]})");
  layer.incomplete = std::move(layer.errors);
  layer.errors.clear();
  const Json coming = LayerJson(layer);
  EXPECT_EQ(coming.at("state"), "incomplete");
  EXPECT_EQ(coming.at("incomplete").size(), 1u);
}

TEST(LayerJsonTest, TellsWhereEveryOptionComesFrom) {
  auto version = std::make_shared<registry::LiveVersion>(
      *LiveVersionForTest("conv", 1, layer::DataFormat::kChannelsLast, 1, 2));
  version->serving =
      repository::ParseServingConfig(R"({"max_batch_bytes": 7, "live_versions": 2})").value();
  ASSERT_TRUE(repository::ApplySection({{"deterministic", "true"}}, version->serving).ok());
  registry::LiveLayer layer;
  layer.versions = {version};
  const Json page = LayerJson(layer);
  const Json& options = page.at("versions").at(0).at("options");
  EXPECT_EQ(options.at("max_batch_bytes").dump(),
            R"({"value":7,"source":"serving.json","unit":"bytes","minimum":1,"changeable":true})");
  EXPECT_EQ(options.at("deterministic").dump(),
            R"({"value":true,"source":"file","changeable":false})");
  EXPECT_EQ(options.at("constraints").dump(),
            R"({"value":"ignore","source":"default","choices":["ignore","apply","refuse"],)"
            R"("changeable":false})");
  EXPECT_EQ(options.at("max_batch_requests").at("value"), nullptr);
  EXPECT_EQ(options.size(), repository::ServingOptions().size());
}

}  // namespace
}  // namespace convoy::config
