#include "server/status/status_json.h"

#include <chrono>
#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::status {
namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;

class StatusJsonTest : public ::testing::Test {
 protected:
  void Publish(std::vector<registry::LiveLayer> layers) {
    registry_.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
  }

  void LookAfter(seconds time) {
    moment_.steady += time;
    moment_.wall += time;
    recorder_.Look(moment_);
  }

  ordered_json Status() const { return StatusJson({registry_, metrics_, server_, recorder_}); }

  registry::Registry registry_;
  metrics::Metrics metrics_;
  const ordered_json server_{
      {"version", "1.2.3"}, {"workers", 2}, {"options", {{"secret", "path"}}}};
  Recorder recorder_{metrics_};
  Recorder::Moment moment_{Recorder::Clock::time_point(seconds(1000)),
                           std::chrono::system_clock::time_point(seconds(1'700'000'000))};
};

TEST_F(StatusJsonTest, IsWholeBeforeAnythingHappened) {
  const ordered_json status = Status();
  EXPECT_EQ(status.at("schema"), 1);
  EXPECT_EQ(status.at("state").at("level"), "starting");
  EXPECT_EQ(status.at("now").at("p99"), nullptr);
  EXPECT_EQ(status.at("history").at("time"), ordered_json::array());
  EXPECT_EQ(status.at("layers"), ordered_json::array());
}

TEST_F(StatusJsonTest, ShowsOfTheServerWhatEverybodyMaySee) {
  const ordered_json server = Status().at("server");
  EXPECT_EQ(server.at("version"), "1.2.3");
  EXPECT_EQ(server.at("workers"), 2);
  EXPECT_FALSE(server.contains("options"));
  EXPECT_GT(server.at("started"), 1'600'000'000);
}

TEST_F(StatusJsonTest, ShowsEachLayerWithItsFigures) {
  const auto a = metrics_.ForLayer("a");
  const auto b = metrics_.ForLayer("b");
  registry::LiveLayer broken{.name = "a", .metrics = a};
  broken.errors = {absl::InvalidArgumentError("a/1: no config"), absl::InternalError("more")};
  registry::LiveLayer incomplete{.name = "b", .metrics = b};
  incomplete.incomplete = {absl::InvalidArgumentError("b/1: no weights")};
  Publish({broken, incomplete});
  LookAfter(seconds(0));
  for (int i = 0; i < 4; ++i) a->OnRequest({.stages = {.compute = milliseconds(2)}});
  a->OnRequest({.code = absl::StatusCode::kResourceExhausted});
  a->OnBatch({.parts = 4, .requests = 4, .sequences = 4, .duration = milliseconds(6)});
  b->OnBatch({.parts = 1, .requests = 0, .sequences = 0, .duration = milliseconds(2)});
  LookAfter(seconds(2));
  const ordered_json layers = Status().at("layers");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].at("name"), "a");
  EXPECT_EQ(layers[0].at("state"), "broken");
  EXPECT_EQ(layers[0].at("problem"), "a/1: no config");
  EXPECT_EQ(layers[0].at("runs_as"), nullptr);
  EXPECT_EQ(layers[0].at("calls"), ordered_json({{"answered", 4}, {"refused", 1}}));
  EXPECT_EQ(layers[0].at("calls_per_second"), 2.5);
  EXPECT_EQ(layers[0].at("work"), 0.75);
  EXPECT_EQ(layers[0].at("batch_parts"), 4);
  EXPECT_GT(layers[0].at("p99"), layers[0].at("p50"));
  EXPECT_EQ(layers[0].at("slowest_stage"), "compute");
  EXPECT_EQ(layers[1].at("slowest_stage"), nullptr);
  EXPECT_EQ(layers[1].at("state"), "incomplete");
  EXPECT_EQ(layers[1].at("problem"), "b/1: no weights");
  EXPECT_EQ(layers[1].at("p99"), nullptr);
}

TEST_F(StatusJsonTest, ShowsASeriesAsLongAsAnother) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  for (int i = 0; i < 3; ++i) {
    if (i == 1) a->OnRequest({.stages = {.compute = milliseconds(2)}});
    LookAfter(seconds(1));
  }
  const ordered_json history = Status().at("history");
  EXPECT_EQ(history.at("answered"), ordered_json({0, 1, 0}));
  EXPECT_EQ(history.at("p50").at(0), nullptr);
  EXPECT_GT(history.at("p50").at(1), 0.001);
  EXPECT_EQ(history.at("time").at(2), 1'700'000'003);
  for (const auto& [name, series] : history.items()) EXPECT_EQ(series.size(), 3u) << name;
}

TEST_F(StatusJsonTest, SplitsTheTimeByStage) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  a->OnRequest({.stages = {.queue = milliseconds(30), .compute = milliseconds(2)}});
  LookAfter(seconds(1));
  const ordered_json status = Status();
  const ordered_json& stages = status.at("now").at("stages");
  EXPECT_EQ(stages.at("queue").at("mean"), 0.03);
  EXPECT_GT(stages.at("queue").at("p50"), 0.025);
  EXPECT_EQ(stages.at("compute").at("mean"), 0.002);
  EXPECT_EQ(stages.at("respond").at("p99"), nullptr);
  EXPECT_GT(status.at("history").at("queue_p99").at(0), 0.025);
}

TEST_F(StatusJsonTest, SaysNumbersInFourDigits) {
  const auto a = metrics_.ForLayer("a");
  LookAfter(seconds(0));
  for (int i = 0; i < 10; ++i) a->OnRequest({.stages = {.compute = milliseconds(2)}});
  LookAfter(seconds(3));
  EXPECT_EQ(Status().at("now").at("calls_per_second").at("answered").dump(), "3.333");
}

}  // namespace
}  // namespace convoy::status
