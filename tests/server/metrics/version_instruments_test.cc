#include "server/metrics/version_instruments.h"

#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

using std::chrono::nanoseconds;

TEST(VersionInstrumentsTest, CountCallsByStatusAndTellTheLayerEverything) {
  const auto layer = std::make_shared<LayerInstruments>();
  VersionInstruments first(layer);
  VersionInstruments second(layer);
  first.OnRequest({.input_bytes = 8});
  first.OnRequest({.code = absl::StatusCode::kUnavailable});
  second.OnRequest({});
  second.OnSent(nanoseconds(5));
  second.OnBatch({.parts = 3});
  EXPECT_EQ(first.Requests(absl::StatusCode::kOk), 1u);
  EXPECT_EQ(first.Requests(absl::StatusCode::kUnavailable), 1u);
  EXPECT_EQ(second.Requests(absl::StatusCode::kUnavailable), 0u);
  EXPECT_EQ(layer->Requests(absl::StatusCode::kOk), 2u);
  EXPECT_EQ(layer->InputBytes(), 8u);
  EXPECT_EQ(layer->respond_nanoseconds().Sum(), 5u);
  EXPECT_EQ(layer->BatchParts(), 3u);
}

}  // namespace
}  // namespace convoy::metrics
