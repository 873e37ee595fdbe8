#include "server/http/config_page.h"

#include "gtest/gtest.h"
#include "kernel/layer/keras_json.h"
#include "tests/server/http/live_layer_for_test.h"

namespace convoy::http {
namespace {

using Json = nlohmann::ordered_json;

TEST(ConfigPageTest, ShowsTheServersValuesAsTheyAre) {
  const Json server = {{"version", "1.2.3"}};
  const Json page = ConfigPage(server, registry::Snapshot({}));
  EXPECT_EQ(page, (Json{{"server", server}, {"layers", Json::array()}}));
}

TEST(ConfigPageTest, ShowsEveryVersionOfALayer) {
  registry::LayerEntry entry;
  entry.name = "stft";
  entry.versions = {LiveLayerForTest("stft", 3, layer::DataFormat::kChannelsLast, 1, 258),
                    LiveLayerForTest("stft", 2, layer::DataFormat::kChannelsFirst, 4, 8)};
  const Json page = ConfigPage(Json::object(), registry::Snapshot({entry}));
  const Json& layer = page.at("layers").at(0);
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

TEST(ConfigPageTest, ShowsAConfigThatKerasReads) {
  registry::LayerEntry entry;
  entry.name = "conv";
  entry.versions = {LiveLayerForTest("conv", 1, layer::DataFormat::kChannelsLast, 1, 2)};
  const Json page = ConfigPage(Json::object(), registry::Snapshot({entry}));
  const std::string config = page.at("layers").at(0).at("versions").at(0).at("config").dump();
  const absl::StatusOr<layer::KerasLayerFile> file = layer::ParseKerasLayer(config);
  ASSERT_TRUE(file.ok()) << file.status() << config;
  EXPECT_EQ(file->config.filters, 2);
  EXPECT_EQ(file->config.window.kernel_size, 2);
}

TEST(ConfigPageTest, SaysWhyALayerIsBroken) {
  registry::LayerEntry entry;
  entry.name = "conv";
  entry.errors = {absl::InvalidArgumentError("conv/1/config.json: no such file")};
  const Json page = ConfigPage(Json::object(), registry::Snapshot({entry}));
  EXPECT_EQ(page.at("layers").at(0).dump(), R"({"name":"conv","state":"broken","versions":[],)"
                                            R"("errors":["conv/1/config.json: no such file"]})");
}

}  // namespace
}  // namespace convoy::http
