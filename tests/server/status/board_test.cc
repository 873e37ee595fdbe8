#include "server/status/board.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

namespace convoy::status {
namespace {

using std::chrono::seconds;

class BoardTest : public ::testing::Test {
 protected:
  void LookAfter(seconds time) {
    moment_.steady += time;
    board_.Look(moment_);
  }

  registry::Registry registry_;
  metrics::Metrics metrics_;
  Recorder::Moment moment_{Recorder::Clock::now(), std::chrono::system_clock::now()};
  Board board_{registry_, metrics_, {{"version", "1.2.3"}}};
};

TEST_F(BoardTest, MakesOneTextForAllWhoAskBetweenTwoLooks) {
  const auto text = board_.Text();
  EXPECT_EQ(board_.Text(), text);
  LookAfter(seconds(1));
  EXPECT_NE(board_.Text(), text);
}

TEST_F(BoardTest, ShowsWhatCameSinceTheLook) {
  const auto layer = metrics_.ForLayer("a");
  layer->OnRequest({.stages = {.compute = std::chrono::milliseconds(1)}});
  LookAfter(seconds(1));
  const auto status = nlohmann::json::parse(*board_.Text());
  EXPECT_EQ(status.at("history").at("answered").size(), 1u);
  EXPECT_GT(status.at("history").at("answered").at(0), 0);
}

TEST_F(BoardTest, ReplacesWhatIsNotUtf8) {
  registry::LiveLayer layer{.name = "a", .metrics = metrics_.ForLayer("a")};
  layer.errors = {absl::InvalidArgumentError("\xFF")};
  registry_.Publish(
      std::make_shared<const registry::Snapshot>(std::vector<registry::LiveLayer>{layer}));
  LookAfter(seconds(1));
  EXPECT_EQ(nlohmann::json::parse(*board_.Text()).at("layers").at(0).at("problem"), "\xEF\xBF\xBD");
}

TEST_F(BoardTest, LooksByItself) {
  board_.Start();
  const auto text = board_.Text();
  while (board_.Text() == text) std::this_thread::yield();
}

TEST_F(BoardTest, EndsAtOnceThoughItWaits) { board_.Start(); }

}  // namespace
}  // namespace convoy::status
