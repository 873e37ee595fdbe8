#include "server/rpc/layer_resource.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using ::testing::StartsWith;

TEST(LayerResourceTest, ReadsWhatItWrites) {
  EXPECT_EQ(*ParseLayer("name", LayerResourceName("stft")), "stft");
  const auto layer = ParseLayerOrVersion("name", LayerResourceName("a b.1"));
  ASSERT_TRUE(layer.ok());
  EXPECT_EQ(layer->layer, "a b.1");
  EXPECT_EQ(layer->version, "");
  const auto version = ParseLayerOrVersion("name", VersionResourceName("stft", 12));
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(version->layer, "stft");
  EXPECT_EQ(version->version, "12");
}

TEST(LayerResourceTest, RefusesWhatNamesNoLayerAndSaysWhichField) {
  for (const char* text : {"",
                           "stft",
                           "layers",
                           "layers/",
                           "layers/.",
                           "layers/..",
                           "layers/.x",
                           "layers/a/b",
                           "layers/../x",
                           "/layers/stft",
                           "Layers/stft",
                           "layers/a\n",
                           "layers/a/versions",
                           "layers/a/versions/",
                           "layers/a/versions/0",
                           "layers/a/versions/01",
                           "layers/a/versions/x",
                           "layers/a/versions/1/",
                           "layers/a/versions/../../b",
                           "layers/a/versions/99999999999999999999"}) {
    for (const absl::Status& status :
         {ParseLayer("parent", text).status(), ParseLayerOrVersion("parent", text).status()}) {
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
      EXPECT_THAT(std::string(status.message()), StartsWith("parent: ")) << text;
    }
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseLayer("name", "layers/a/versions/1").status()));
}

}  // namespace
}  // namespace convoy::rpc
