#include "server/loading/live_layers.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::loading {
namespace {

using registry::LiveLayer;
using registry::LiveVersion;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Cannot be called.
std::shared_ptr<const LiveVersion> Version(const std::string& name, int64_t version) {
  auto live = std::make_shared<LiveVersion>();
  live->name = name;
  live->version = version;
  live->version_text = absl::StrCat(version);
  return live;
}

LiveLayer Layer(const std::string& name, std::shared_ptr<const LiveVersion> version) {
  LiveLayer layer{.name = name};
  layer.versions.push_back(std::move(version));
  return layer;
}

class LiveLayersTest : public ::testing::Test {
 protected:
  const LiveVersion* Find(const std::string& name) const {
    const auto live = registry_.snapshot()->Find(name, "");
    return live.ok() ? *live : nullptr;
  }

  metrics::Metrics metrics_;
  registry::Registry registry_;
  LiveLayers live_{registry_, metrics_};
};

TEST_F(LiveLayersTest, PublishesAllLayersThatWerePut) {
  const auto a = Version("a", 1);
  const auto b = Version("b", 1);
  live_.Put(Layer("a", a));
  live_.Put(Layer("b", b));
  EXPECT_EQ(Find("a"), a.get());
  EXPECT_EQ(Find("b"), b.get());
}

TEST_F(LiveLayersTest, AnUnloadedLayerIsRemovedAndShownAsOne) {
  live_.Put(Layer("a", Version("a", 1)));
  live_.SetUnloaded("a", true);
  live_.SetUnloaded("b", true);
  EXPECT_EQ(Find("a"), nullptr);
  EXPECT_THAT(registry_.snapshot()->unloaded(), testing::ElementsAre("a", "b"));
  live_.SetUnloaded("a", false);
  EXPECT_THAT(registry_.snapshot()->unloaded(), testing::ElementsAre("b"));
  EXPECT_EQ(Find("a"), nullptr) << "only shown differently";
}

TEST_F(LiveLayersTest, ALayerThatIsPutAgainTakesThePlaceOfTheFirst) {
  const auto newer = Version("a", 2);
  const auto other = Version("b", 1);
  live_.Put(Layer("a", Version("a", 1)));
  live_.Put(Layer("b", other));
  live_.Put(Layer("a", newer));
  EXPECT_EQ(Find("a"), newer.get());
  EXPECT_EQ(Find("b"), other.get());
  EXPECT_THAT(registry_.snapshot()->layers(), SizeIs(2));
}

TEST_F(LiveLayersTest, ALayerThatIsTheSameIsNotPublishedAgain) {
  const auto a = Version("a", 1);
  live_.Put(Layer("a", a));
  const auto snapshot = registry_.snapshot();
  live_.Put(Layer("a", a));
  EXPECT_EQ(registry_.snapshot(), snapshot);
  LiveLayer broken = Layer("a", a);
  broken.errors = {absl::UnavailableError("a/2")};
  live_.Put(broken);
  EXPECT_NE(registry_.snapshot(), snapshot);
}

TEST_F(LiveLayersTest, ARemovedLayerIsNotFoundAnyMore) {
  live_.Put(Layer("a", Version("a", 1)));
  live_.Put(Layer("b", Version("b", 1)));
  live_.Remove("a");
  EXPECT_EQ(Find("a"), nullptr);
  EXPECT_NE(Find("b"), nullptr);
  EXPECT_EQ(live_.Newest("a"), nullptr);
  live_.Remove("a");
}

TEST_F(LiveLayersTest, WhatLeftIsFreedOnceItsLastRequestHasEnded) {
  LiveLayer layer = Layer("a", Version("a", 2));
  layer.versions.push_back(Version("a", 1));
  const std::weak_ptr<const LiveVersion> newer = layer.versions[0];
  const std::weak_ptr<const LiveVersion> older = layer.versions[1];
  live_.Put(std::move(layer));
  auto request = registry_.snapshot();
  EXPECT_EQ(live_.Sweep(), 0u);
  live_.Put(Layer("a", newer.lock()));  // the older one leaves
  EXPECT_GT(live_.Sweep(), 0u);
  EXPECT_FALSE(older.expired());
  request.reset();
  EXPECT_FALSE(older.expired());  // not by the thread of the request
  EXPECT_EQ(live_.Sweep(), 0u);
  EXPECT_TRUE(older.expired());
  EXPECT_FALSE(newer.expired());
  live_.Remove("a");
  EXPECT_EQ(live_.Sweep(), 0u);
  EXPECT_TRUE(newer.expired());
}

TEST_F(LiveLayersTest, IsReadyWhenAllAreThereAndNotBefore) {
  live_.Put(Layer("a", Version("a", 1)));
  EXPECT_FALSE(registry_.ready());
  EXPECT_NE(Find("a"), nullptr);
  live_.Complete();
  EXPECT_TRUE(registry_.ready());
  live_.Put(Layer("b", Version("b", 1)));
  EXPECT_TRUE(registry_.ready());
}

TEST_F(LiveLayersTest, NoLayersAtAllAreReadyToo) {
  live_.Complete();
  EXPECT_TRUE(registry_.ready());
  EXPECT_THAT(registry_.snapshot()->layers(), IsEmpty());
}

TEST_F(LiveLayersTest, AFreshVersionTakesThePlaceOfTheOneThatIsLive) {
  const auto old = Version("a", 1);
  LiveLayer layer = Layer("a", Version("a", 2));
  layer.versions.push_back(old);
  live_.Put(layer);
  const auto fresh = Version("a", 1);
  EXPECT_TRUE(live_.Replace(*old, fresh));
  const auto snapshot = registry_.snapshot();
  EXPECT_EQ(snapshot->Find("a", "1").value(), fresh.get());
  EXPECT_EQ(snapshot->Find("a", "").value()->version, 2);
}

TEST_F(LiveLayersTest, AVersionThatIsNotLiveAnyMoreIsNotReplaced) {
  const auto first = Version("a", 1);
  live_.Put(Layer("a", first));
  const auto newer = Version("a", 1);  // the same number, loaded later
  live_.Put(Layer("a", newer));
  EXPECT_FALSE(live_.Replace(*first, Version("a", 1)));
  EXPECT_EQ(Find("a"), newer.get());
  EXPECT_FALSE(live_.Replace(*Version("b", 1), Version("b", 1)));
  EXPECT_EQ(Find("b"), nullptr);
}

TEST_F(LiveLayersTest, ChangesByManyThreadsAllStay) {
  constexpr int kThreads = 4;
  constexpr int kChanges = 100;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      const std::string name = absl::StrCat("layer", i);
      std::shared_ptr<const LiveVersion> last = Version(name, 1);
      live_.Put(Layer(name, last));
      for (int change = 0; change < kChanges; ++change) {
        auto fresh = Version(name, 1);
        EXPECT_TRUE(live_.Replace(*last, fresh));
        EXPECT_EQ(Find(name), fresh.get());
        last = fresh;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry_.snapshot()->layers(), SizeIs(kThreads));
}

}  // namespace
}  // namespace convoy::loading
