#include "server/loading/layer_tracker.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;
using repository::VersionStamp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A folder whose files are one word a version: "bad ..." cannot be loaded, equal words
// are equal bytes.
class FakeFolder final : public VersionSource {
 public:
  struct Version {
    std::string content;
    uint64_t stamp = 0;
    int64_t live_versions = 1;
  };

  void Write(int64_t version, const std::string& content, int64_t live_versions = 1) {
    versions[version] = {content, ++writes_, live_versions};
  }
  void Touch(int64_t version) { versions[version].stamp = ++writes_; }

  absl::StatusOr<repository::LayerListing> List() override {
    if (!status.ok()) return status;
    repository::LayerListing listing{.errors = errors};
    for (const auto& [version, files] : versions) listing.versions.push_back(version);
    return listing;
  }

  VersionStamp Stamp(int64_t version) override { return {0, versions.at(version).stamp, {}}; }

  absl::StatusOr<std::shared_ptr<const LiveVersion>> Load(
      int64_t version, const std::shared_ptr<const LiveVersion>& known) override {
    loads.push_back(version);
    const Version files = versions.at(version);
    if (on_load) on_load();
    if (!load_status.ok()) return load_status;
    if (files.content.starts_with("bad")) {
      return absl::InvalidArgumentError(absl::StrCat("conv/", version, ": ", files.content));
    }
    if (known != nullptr && known->name == files.content) return known;
    auto live = std::make_shared<LiveVersion>();
    live->name = files.content;  // to tell contents apart
    live->version = version;
    live->serving.live_versions = files.live_versions;
    return live;
  }

  absl::Status status;
  absl::Status load_status;
  std::vector<absl::Status> errors;
  std::map<int64_t, Version, std::greater<>> versions;
  std::vector<int64_t> loads;  // every call
  std::function<void()> on_load;

 private:
  uint64_t writes_ = 0;
};

class LayerTrackerTest : public ::testing::Test {
 protected:
  LayerNews LookAtStart() { return Take(tracker_.Look(folder_, now_, /*at_start=*/true)); }

  // After `time` has passed.
  LayerNews LookAfter(Clock::duration time) {
    now_ += time;
    return Take(tracker_.Look(folder_, now_));
  }

  // The contents that are live, newest first.
  std::vector<std::string> Live() const {
    std::vector<std::string> contents;
    if (!news_.layer.has_value()) return contents;
    for (const auto& version : news_.layer->versions) contents.push_back(version->name);
    return contents;
  }

  // Such as "loaded 2".
  std::vector<std::string> Events() const {
    const char* const names[] = {"loaded", "unchanged", "failed", "unloaded"};
    std::vector<std::string> texts;
    for (const LayerEvent& event : news_.events) {
      texts.push_back(absl::StrCat(names[static_cast<int>(event.kind)], " ", event.version));
    }
    return texts;
  }

  size_t errors() const { return news_.layer.has_value() ? news_.layer->errors.size() : 0; }
  size_t incomplete() const { return news_.layer.has_value() ? news_.layer->incomplete.size() : 0; }
  Clock::duration next() const { return news_.next - now_; }

  FakeFolder folder_;
  LayerTracker tracker_{"conv"};
  Clock::time_point now_{seconds(1000)};
  LayerNews news_;

 private:
  LayerNews Take(LayerNews news) {
    news_ = std::move(news);
    return news_;
  }
};

TEST_F(LayerTrackerTest, AtTheStartTheNewestVersionIsLoadedAtOnce) {
  folder_.Write(1, "one");
  folder_.Write(2, "two");
  LookAtStart();
  EXPECT_THAT(Live(), ElementsAre("two"));
  EXPECT_THAT(Events(), ElementsAre("loaded 2"));
  EXPECT_THAT(folder_.loads, ElementsAre(2));
  EXPECT_EQ(news_.next, Clock::time_point::max());
  EXPECT_EQ(news_.layer->name, "conv");
}

TEST_F(LayerTrackerTest, TheNewestSaysHowManyAreLive) {
  folder_.Write(1, "one");
  folder_.Write(2, "two", 7);
  folder_.Write(3, "three", 2);
  LookAtStart();
  EXPECT_THAT(Live(), ElementsAre("three", "two"));
}

TEST_F(LayerTrackerTest, AnErrorAtTheStartIsToldAtOnceAndTheOlderVersionServes) {
  folder_.Write(1, "one");
  folder_.Write(2, "bad");
  LookAtStart();
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), ElementsAre("failed 2", "loaded 1"));
  LookAfter(seconds(1));
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_THAT(folder_.loads, ElementsAre(2, 1));
}

TEST_F(LayerTrackerTest, ANewVersionIsLoadedWhenItIsSettledAndNotBefore) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.Write(2, "two");
  LookAfter(seconds(9));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(next(), milliseconds(200));
  LookAfter(milliseconds(199));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(next(), milliseconds(1));
  folder_.Touch(2);
  LookAfter(milliseconds(1));  // it changed: the time begins anew
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(next(), milliseconds(200));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("two"));
  EXPECT_THAT(Events(), ElementsAre("loaded 2", "unloaded 1"));
  EXPECT_EQ(news_.next, Clock::time_point::max());
}

TEST_F(LayerTrackerTest, WhatIsHalfMadeIsIncompleteForFiveSecondsAndThenAnError) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.Write(2, "bad: no weights");
  LookAfter(seconds(1));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(incomplete(), 1u);
  EXPECT_EQ(errors(), 0u);
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_EQ(next(), milliseconds(4800));
  LookAfter(milliseconds(4799));
  EXPECT_EQ(incomplete(), 1u);
  LookAfter(milliseconds(1));
  EXPECT_EQ(incomplete(), 0u);
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), ElementsAre("failed 2"));
  EXPECT_THAT(Live(), ElementsAre("one"));
  LookAfter(seconds(100));
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), IsEmpty());  // told once
  EXPECT_THAT(folder_.loads, ElementsAre(1, 2));
}

TEST_F(LayerTrackerTest, ACopyThatGoesOnIsNeverAnError) {
  LookAtStart();
  for (int second = 0; second < 20; ++second) {
    folder_.Write(1, absl::StrCat("bad ", second));
    LookAfter(milliseconds(500));
    LookAfter(milliseconds(500));
    EXPECT_EQ(errors(), 0u);
    EXPECT_EQ(incomplete(), 1u);
  }
  folder_.Write(1, "one");
  LookAfter(milliseconds(500));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(incomplete(), 0u);
}

TEST_F(LayerTrackerTest, AChangedFileOfALiveVersionIsANewLoadOfIt) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.Write(1, "other");
  LookAfter(seconds(1));
  EXPECT_THAT(Live(), ElementsAre("one"));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("other"));
  EXPECT_THAT(Events(), ElementsAre("loaded 1"));
}

TEST_F(LayerTrackerTest, EqualBytesAreNotLoadedAgain) {
  folder_.Write(1, "one");
  const auto first = LookAtStart().layer->versions[0];
  folder_.Touch(1);
  LookAfter(seconds(1));
  LookAfter(milliseconds(200));
  EXPECT_EQ(news_.layer->versions[0], first);
  EXPECT_THAT(Events(), ElementsAre("unchanged 1"));
}

TEST_F(LayerTrackerTest, ALiveVersionThatBreaksServesAsItWas) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.Write(1, "bad");
  LookAfter(seconds(1));
  LookAfter(seconds(6));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), ElementsAre("failed 1"));
  folder_.Write(1, "one");
  LookAfter(seconds(1));
  LookAfter(seconds(1));
  EXPECT_EQ(errors(), 0u);
  EXPECT_THAT(Events(), ElementsAre("unchanged 1"));
}

TEST_F(LayerTrackerTest, ABrokenVersionAboveTheLiveOnesLeavesThemAsTheyAre) {
  folder_.Write(1, "one", 2);
  folder_.Write(2, "two", 2);
  LookAtStart();
  folder_.Write(3, "bad");
  LookAfter(seconds(1));
  LookAfter(seconds(6));
  EXPECT_THAT(Live(), ElementsAre("two", "one"));
  EXPECT_EQ(errors(), 1u);
}

TEST_F(LayerTrackerTest, FilesThatChangeWhileTheyAreReadAreReadAgain) {
  LookAtStart();
  folder_.Write(1, "one");
  folder_.on_load = [this] { folder_.Write(1, "other"); };
  LookAfter(seconds(1));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), IsEmpty());
  EXPECT_THAT(folder_.loads, ElementsAre(1));
  folder_.on_load = nullptr;
  LookAfter(milliseconds(200));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("other"));
}

TEST_F(LayerTrackerTest, AVersionThatVanishesGivesWayToTheOneBelow) {
  folder_.Write(1, "one");
  folder_.Write(2, "two");
  LookAtStart();
  folder_.versions.erase(2);
  LookAfter(seconds(1));
  EXPECT_THAT(Live(), ElementsAre("two"));
  EXPECT_EQ(next(), milliseconds(200));
  // The one below is looked at now for the first time: until it is loaded, two serves.
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("two"));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_THAT(Events(), ElementsAre("loaded 1", "unloaded 2"));
}

TEST_F(LayerTrackerTest, WithNothingBelowTheLastVersionIsUnloaded) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.versions.erase(1);
  LookAfter(seconds(1));
  EXPECT_THAT(Live(), ElementsAre("one"));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), IsEmpty());
  EXPECT_THAT(Events(), ElementsAre("unloaded 1"));
  EXPECT_EQ(incomplete(), 1u);  // has no version folder
  LookAfter(seconds(5));
  EXPECT_EQ(errors(), 1u);
}

TEST_F(LayerTrackerTest, AVersionThatIsAwayForAMomentIsNotMissed) {
  folder_.Write(1, "one");
  LookAtStart();
  const auto files = folder_.versions;
  folder_.versions.clear();
  LookAfter(seconds(1));
  folder_.versions = files;
  folder_.Touch(1);
  LookAfter(milliseconds(199));
  EXPECT_THAT(Live(), ElementsAre("one"));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_THAT(Events(), ElementsAre("unchanged 1"));
}

TEST_F(LayerTrackerTest, ALayerWhoseFolderIsGoneIsGoneWhenThatIsSettled) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.status = absl::NotFoundError("no such folder");
  LookAfter(seconds(1));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_FALSE(news_.gone);
  EXPECT_EQ(next(), milliseconds(200));
  LookAfter(milliseconds(200));
  EXPECT_TRUE(news_.gone);
  EXPECT_FALSE(news_.layer.has_value());
  EXPECT_THAT(Events(), ElementsAre("unloaded 1"));
}

TEST_F(LayerTrackerTest, AFolderThatCannotBeReadLeavesWhatIsLive) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.status = absl::UnavailableError("conv: permission denied");
  LookAfter(seconds(1));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), ElementsAre("failed 0"));
  EXPECT_EQ(next(), seconds(5));
  LookAfter(seconds(5));
  EXPECT_THAT(Events(), IsEmpty());
  folder_.status = absl::OkStatus();
  LookAfter(seconds(5));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(errors(), 0u);
}

TEST_F(LayerTrackerTest, WhatMayGoBetterAnotherTimeIsTriedAgain) {
  folder_.Write(1, "one");
  folder_.load_status = absl::ResourceExhaustedError("out of memory");
  LookAtStart();
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), ElementsAre("failed 1"));
  EXPECT_EQ(next(), seconds(5));
  LookAfter(seconds(5));
  EXPECT_THAT(Events(), IsEmpty());  // the same problem
  folder_.load_status = absl::OkStatus();
  LookAfter(milliseconds(4999));
  EXPECT_THAT(Live(), IsEmpty());
  LookAfter(milliseconds(1));
  EXPECT_THAT(Live(), ElementsAre("one"));
  EXPECT_EQ(errors(), 0u);
}

TEST_F(LayerTrackerTest, ALoadThatWasStoppedConcludesNothing) {
  folder_.Write(1, "one");
  folder_.load_status = absl::CancelledError("stop");
  LookAtStart();
  EXPECT_EQ(errors(), 0u);
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(LayerTrackerTest, AFolderThatIsNoVersionIsIncompleteAtFirstToo) {
  folder_.Write(1, "one");
  LookAtStart();
  folder_.errors = {absl::InvalidArgumentError("conv/2.tmp: expected a version")};
  LookAfter(seconds(1));
  EXPECT_EQ(incomplete(), 1u);
  EXPECT_EQ(errors(), 0u);
  EXPECT_EQ(next(), seconds(5));
  LookAfter(seconds(5));
  EXPECT_EQ(errors(), 1u);
  EXPECT_THAT(Events(), ElementsAre("failed 0"));
  folder_.errors.clear();
  LookAfter(seconds(1));
  EXPECT_EQ(errors(), 0u);
}

TEST_F(LayerTrackerTest, AnEmptyFolderThatJustCameShowsNoErrorForFiveSeconds) {
  LookAfter(seconds(1));
  EXPECT_EQ(incomplete(), 1u);
  EXPECT_THAT(std::string(news_.layer->incomplete[0].message()), HasSubstr("no version folder"));
  LookAfter(seconds(5));
  EXPECT_EQ(errors(), 1u);
}

TEST_F(LayerTrackerTest, MoreLiveVersionsAreLoadedWhenTheNewestAsksForThem) {
  folder_.Write(1, "one");
  folder_.Write(2, "two");
  LookAtStart();
  folder_.Write(2, "two!", 2);
  LookAfter(seconds(1));
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("two!"));  // the one below settles first
  LookAfter(milliseconds(200));
  EXPECT_THAT(Live(), ElementsAre("two!", "one"));
}

}  // namespace
}  // namespace convoy::loading
