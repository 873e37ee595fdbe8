#include "server/management/layer_text.h"

#include "gtest/gtest.h"
#include "kernel/keras/layer_json.h"
#include "tests/server/management/built_layer.h"

namespace convoy::management {
namespace {

TEST(LayerTextTest, IsAConfigThatIsReadAsTheSameLayer) {
  layer::Conv1DConfig config;
  config.filters = 3;
  config.window.kernel_size = 2;
  config.data_format = layer::DataFormat::kChannelsFirst;
  const std::string text = KerasText(*BuildOnes(config, 5));
  const absl::StatusOr<keras::LayerFile> file = keras::ParseLayer(text);
  ASSERT_TRUE(file.ok()) << file.status() << text;
  EXPECT_EQ(file->config.filters, 3);
  EXPECT_EQ(file->config.data_format, layer::DataFormat::kChannelsFirst);
  EXPECT_EQ(file->build_input_shape, (std::vector<int64_t>{-1, 5, -1}));
}

TEST(LayerTextTest, NamesConstraintsAsServingJsonDoes) {
  EXPECT_EQ(ConstraintsName(repository::Constraints::kIgnore), "ignore");
  EXPECT_EQ(ConstraintsName(repository::Constraints::kApply), "apply");
  EXPECT_EQ(ConstraintsName(repository::Constraints::kRefuse), "refuse");
}

}  // namespace
}  // namespace convoy::management
