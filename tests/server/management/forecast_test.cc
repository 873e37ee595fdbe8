#include "server/management/forecast.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/management/built_layer.h"

namespace convoy::management {
namespace {

using ::testing::HasSubstr;
using Shape = std::vector<int64_t>;

layer::Conv1DConfig Config(layer::PaddingMode mode, int64_t strides = 1) {
  layer::Conv1DConfig config;
  config.filters = 6;
  config.window = {.kernel_size = 3, .strides = strides, .dilation_rate = 2};
  config.window.padding.mode = mode;
  return config;
}

TEST(ForecastTest, CountsTheMultiplicationsOfARequest) {
  layer::Conv1DConfig config = Config(layer::PaddingMode::kValid);
  config.groups = 2;
  const auto compiled = Compile(config, 4);
  const auto forecast = ForecastRequest(*compiled, Shape{2, 10, 4});
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_EQ(forecast->output_shape, (Shape{2, 6, 6}));
  // 2 sequences, 6 frames, 6 filters, 3 taps, 2 channels of a group.
  EXPECT_EQ(forecast->multiply_accumulates, 2 * 6 * 6 * 3 * 2);
  EXPECT_EQ(forecast->output_bytes, 2 * 6 * 6 * 4);
  EXPECT_GE(forecast->running_bytes, forecast->output_bytes);
  EXPECT_GT(forecast->seconds, 0);
}

TEST(ForecastTest, RefusesWhatARequestWouldBeRefused) {
  const auto compiled = Compile(Config(layer::PaddingMode::kValid), 4);
  EXPECT_TRUE(absl::IsInvalidArgument(ForecastRequest(*compiled, Shape{1, 4, 4}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ForecastRequest(*compiled, Shape{1, 10, 5}).status()));
}

TEST(ForecastTest, GivesAnUnknownDimensionForAnUnknownOne) {
  const auto compiled = Compile(Config(layer::PaddingMode::kValid), 4);
  const auto call = CallSymbolically(*compiled, Shape{-1, -1, -1});
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->output_shape, (Shape{-1, -1, 6}));
  EXPECT_EQ(call->receptive_field, 5);
  EXPECT_FALSE(call->forecast.has_value());
  EXPECT_EQ(CallSymbolically(*compiled, Shape{-1, 10, 4})->output_shape, (Shape{-1, 6, 6}));
  EXPECT_TRUE(CallSymbolically(*compiled, Shape{1, 10, 4})->forecast.has_value());
}

TEST(ForecastTest, KnowsThePaddingWhereNoLengthChangesIt) {
  using Pads = std::pair<int64_t, int64_t>;
  for (const auto& [mode, expected] : {std::pair{layer::PaddingMode::kValid, Pads{0, 0}},
                                       std::pair{layer::PaddingMode::kCausal, Pads{4, 0}},
                                       std::pair{layer::PaddingMode::kSame, Pads{2, 2}}}) {
    const auto call = CallSymbolically(*Compile(Config(mode), 4), Shape{1, -1, 4});
    ASSERT_TRUE(call.ok()) << call.status();
    ASSERT_TRUE(call->frames.has_value());
    EXPECT_EQ((Pads{call->frames->pad_left, call->frames->pad_right}), expected);
  }
  const auto strided = Compile(Config(layer::PaddingMode::kSame, 3), 4);
  EXPECT_FALSE(CallSymbolically(*strided, Shape{1, -1, 4})->frames.has_value());
  // 4 frames of 3 steps each end at 9, and 2 taps lie beyond each side.
  EXPECT_EQ(CallSymbolically(*strided, Shape{1, 10, 4})->frames->pad_left, 2);
  EXPECT_EQ(CallSymbolically(*strided, Shape{1, 12, 4})->frames->pad_left, 1);
}

TEST(ForecastTest, RefusesInKerasWords) {
  const auto compiled = Compile(Config(layer::PaddingMode::kValid), 4);
  const auto refusal = [&](const Shape& shape) {
    const absl::Status status = CallSymbolically(*compiled, shape).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal({1, -1, 5}), HasSubstr("expected axis -1 of input shape to have value 4"));
  EXPECT_THAT(refusal({1, 4, 4}), HasSubstr("Computed output size would be zero or negative"));
  EXPECT_THAT(refusal({1, 4}), HasSubstr("expected min_ndim=3, found ndim=2"));
  EXPECT_THAT(refusal({}), HasSubstr("ndim=0"));
  EXPECT_THAT(refusal({1, -2, 4}), HasSubstr("-1 for one not known, got -2"));
}

TEST(ForecastTest, TakesAnExampleThatTheLayerTakes) {
  layer::Conv1DConfig config = Config(layer::PaddingMode::kValid);
  EXPECT_EQ(ExampleShape(*BuildOnes(config, 4)), (Shape{1, 1000, 4}));
  config.data_format = layer::DataFormat::kChannelsFirst;
  config.window.dilation_rate = 1000;
  const auto compiled = Compile(config, 4);
  EXPECT_EQ(ExampleShape(compiled->layer()), (Shape{1, 4, 2001}));
  EXPECT_TRUE(ForecastRequest(*compiled, ExampleShape(compiled->layer())).ok());
}

}  // namespace
}  // namespace convoy::management
