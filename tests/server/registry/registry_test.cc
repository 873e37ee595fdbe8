#include "server/registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace convoy::registry {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Five weights.
std::shared_ptr<const layer::Conv1D> SmallLayer() {
  layer::Conv1DConfig config;
  config.filters = 5;
  config.window.kernel_size = 1;
  config.use_bias = false;
  layer::Conv1DWeights weights;
  weights.kernel = {layer::DType::kFloat32, {1, 1, 5}, std::vector<std::byte>(5 * sizeof(float))};
  return std::make_shared<const layer::Conv1D>(
      layer::Conv1D::Build(config, 1, std::move(weights)).value());
}

// Cannot be called.
std::shared_ptr<const LiveVersion> Version(const std::string& name, int64_t version) {
  auto live = std::make_shared<LiveVersion>();
  live->name = name;
  live->version = version;
  live->version_text = absl::StrCat(version);
  live->layer = SmallLayer();
  return live;
}

// The versions, newest first.
LiveLayer Layer(const std::string& name, const std::vector<int64_t>& versions) {
  LiveLayer layer;
  layer.name = name;
  for (const int64_t version : versions) layer.versions.push_back(Version(name, version));
  return layer;
}

LiveLayer Broken(const std::string& name, std::vector<absl::Status> errors) {
  LiveLayer layer;
  layer.name = name;
  layer.errors = std::move(errors);
  return layer;
}

std::shared_ptr<const Snapshot> MakeSnapshot(std::vector<LiveLayer> layers) {
  return std::make_shared<const Snapshot>(std::move(layers));
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(SnapshotTest, WithoutAVersionTheNewestIsFound) {
  const Snapshot snapshot({Layer("ecg", {12, 7}), Layer("vad", {1})});
  EXPECT_EQ(snapshot.Find("ecg", "").value()->version, 12);
  EXPECT_EQ(snapshot.Find("vad", "").value()->name, "vad");
}

TEST(SnapshotTest, ALiveVersionIsFoundByItsNumber) {
  const Snapshot snapshot({Layer("ecg", {12, 7})});
  EXPECT_EQ(snapshot.Find("ecg", "7").value()->version, 7);
  EXPECT_EQ(snapshot.Find("ecg", "12").value()->version, 12);
}

TEST(SnapshotTest, AVersionThatIsNotLiveIsNotFoundAndTheLiveOnesAreNamed) {
  const Snapshot snapshot({Layer("ecg", {12, 7})});
  for (const char* version : {"8", "0", "-7", "07", "7 ", "+7", "seven", "99999999999999999999"}) {
    const absl::Status status = snapshot.Find("ecg", version).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << version;
    EXPECT_THAT(Message(status),
                AllOf(HasSubstr("'ecg'"), HasSubstr(version), HasSubstr("expected one of: 12, 7")));
  }
}

TEST(SnapshotTest, ALayerThatIsNotThereIsNotFound) {
  const Snapshot snapshot({Layer("ecg", {1})});
  for (const char* name : {"", "ec", "ecg2", "ECG"}) {
    const absl::Status status = snapshot.Find(name, "").status();
    EXPECT_TRUE(absl::IsNotFound(status)) << name;
    EXPECT_THAT(Message(status), HasSubstr(absl::StrCat("no layer '", name, "'")));
  }
}

TEST(SnapshotTest, WhileTheServerStartsALayerThatIsNotThereIsUnavailable) {
  const Snapshot snapshot({Layer("ecg", {1})}, /*complete=*/false);
  EXPECT_TRUE(snapshot.Find("ecg", "").ok());
  const absl::Status status = snapshot.Find("vad", "").status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(Message(status), AllOf(HasSubstr("'vad'"), HasSubstr("starting")));
  EXPECT_TRUE(absl::IsNotFound(snapshot.Find("ecg", "2").status()));
}

TEST(SnapshotTest, ALayerThatCouldNotBeLoadedIsAFailedPreconditionThatSaysWhy) {
  const Snapshot snapshot({Broken("ecg", {absl::InvalidArgumentError("kernel: wrong shape"),
                                          absl::UnavailableError("disk")}),
                           Broken("vad", {})});
  for (const char* version : {"", "3"}) {
    const absl::Status status = snapshot.Find("ecg", version).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status));
    EXPECT_THAT(Message(status), AllOf(HasSubstr("'ecg'"), HasSubstr("kernel: wrong shape")));
  }
  EXPECT_THAT(Message(snapshot.Find("vad", "").status()), HasSubstr("no version found"));
}

TEST(SnapshotTest, ALayerWithALiveAndABrokenVersionServesTheLiveOne) {
  LiveLayer layer = Layer("ecg", {1});
  layer.errors.push_back(absl::InvalidArgumentError("2/config.json: broken"));
  const Snapshot snapshot({std::move(layer)});
  EXPECT_EQ(snapshot.Find("ecg", "").value()->version, 1);
  EXPECT_TRUE(absl::IsNotFound(snapshot.Find("ecg", "2").status()));
  EXPECT_EQ(snapshot.FindLayer("ecg")->errors.size(), 1u);
}

TEST(SnapshotTest, LayersAreSortedByName) {
  const Snapshot snapshot({Layer("b", {1}), Layer("c", {1}), Broken("a", {})});
  std::vector<std::string> names;
  for (const LiveLayer& layer : snapshot.layers()) names.push_back(layer.name);
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
  for (const std::string& name : names) EXPECT_EQ(snapshot.FindLayer(name)->name, name);
  EXPECT_EQ(snapshot.FindLayer("d"), nullptr);
}

TEST(SnapshotTest, CountsLayersThatCanBeCalledBrokenOnesAndErrors) {
  LiveLayer half = Layer("a", {2, 1});
  half.errors.push_back(absl::InvalidArgumentError("a/3: broken"));
  LiveLayer coming{.name = "d"};
  coming.incomplete.push_back(absl::InvalidArgumentError("d/1/config.json: no such file"));
  const Snapshot snapshot(
      {std::move(half), Layer("b", {1}),
       Broken("c", {absl::UnavailableError("c/1"), absl::UnavailableError("c/2")}),
       std::move(coming)});
  const LayerCounts counts = snapshot.Count();
  EXPECT_EQ(counts.callable, 2);
  EXPECT_EQ(counts.broken, 1);
  EXPECT_EQ(counts.errors, 3);
  EXPECT_EQ(counts.incomplete, 1);
  EXPECT_EQ(counts.versions, 3);
  EXPECT_EQ(counts.weight_bytes, 3 * 4 * 5);
}

TEST(RegistryTest, BeforeTheFirstPublishThereAreNoLayersAndItIsNotReady) {
  const Registry registry;
  EXPECT_FALSE(registry.ready());
  ASSERT_NE(registry.snapshot(), nullptr);
  EXPECT_TRUE(registry.snapshot()->layers().empty());
}

TEST(RegistryTest, IsReadyWithTheFirstCompleteSnapshot) {
  Registry registry;
  registry.Publish(std::make_shared<const Snapshot>(std::vector{Layer("ecg", {1})}, false));
  EXPECT_FALSE(registry.ready());
  EXPECT_TRUE(registry.snapshot()->Find("ecg", "").ok());
  registry.Publish(MakeSnapshot({Layer("ecg", {1})}));
  EXPECT_TRUE(registry.ready());
  EXPECT_FALSE(registry.draining());
  registry.Drain();
  EXPECT_TRUE(registry.draining());
}

TEST(RegistryTest, PublishMakesItReadyWithTheNewLayers) {
  Registry registry;
  const auto snapshot = MakeSnapshot({Layer("ecg", {1})});
  registry.Publish(snapshot);
  EXPECT_TRUE(registry.ready());
  EXPECT_EQ(registry.snapshot(), snapshot);
}

TEST(RegistryTest, AnEmptyRepositoryIsReadyToo) {
  Registry registry;
  registry.Publish(MakeSnapshot({}));
  EXPECT_TRUE(registry.ready());
}

TEST(RegistryTest, IsReadyOnlyWhileEveryRequiredLayerCanBeCalled) {
  Registry registry({"ecg", "vad"});
  registry.Publish(MakeSnapshot({Layer("ecg", {1}), Layer("vad", {1}), Broken("other", {})}));
  EXPECT_TRUE(registry.ready());
  registry.Publish(
      MakeSnapshot({Layer("ecg", {1}), Broken("vad", {absl::UnavailableError("disk")})}));
  EXPECT_TRUE(absl::IsUnavailable(registry.readiness()));
  EXPECT_THAT(Message(registry.readiness()), AllOf(HasSubstr("'vad'"), HasSubstr("disk")));
  registry.Publish(MakeSnapshot({Layer("vad", {1})}));
  EXPECT_THAT(Message(registry.readiness()), HasSubstr("no layer 'ecg'"));
  registry.Publish(MakeSnapshot({Layer("ecg", {2}), Layer("vad", {1})}));
  EXPECT_TRUE(registry.ready());
}

TEST(RegistryTest, SaysWhyItIsNotReady) {
  Registry registry;
  EXPECT_THAT(Message(registry.readiness()), HasSubstr("starting"));
  registry.Publish(MakeSnapshot({}));
  EXPECT_TRUE(registry.readiness().ok());
  registry.Drain();
  EXPECT_THAT(Message(registry.readiness()), HasSubstr("draining"));
}

TEST(RegistryTest, ARequestKeepsTheSnapshotItStartedWith) {
  Registry registry;
  registry.Publish(MakeSnapshot({Layer("ecg", {1})}));
  const auto held = registry.snapshot();
  const LiveVersion* layer = held->Find("ecg", "").value();
  registry.Publish(MakeSnapshot({Layer("ecg", {2})}));
  EXPECT_EQ(layer->version, 1);
  EXPECT_EQ(registry.snapshot()->Find("ecg", "").value()->version, 2);
}

TEST(RegistryTest, ASnapshotIsFreedWithItsLastHolder) {
  Registry registry;
  registry.Publish(MakeSnapshot({Layer("ecg", {1})}));
  const std::weak_ptr<const Snapshot> old = registry.snapshot();
  EXPECT_FALSE(old.expired());
  registry.Publish(MakeSnapshot({}));
  EXPECT_TRUE(old.expired());
}

TEST(RegistryTest, DrainingIsNeverReadyAgainAndKeepsTheLayers) {
  Registry registry;
  registry.Publish(MakeSnapshot({Layer("ecg", {1})}));
  registry.Drain();
  EXPECT_FALSE(registry.ready());
  EXPECT_TRUE(registry.snapshot()->Find("ecg", "").ok());
  registry.Publish(MakeSnapshot({Layer("ecg", {2})}));
  EXPECT_FALSE(registry.ready());
}

TEST(RegistryTest, ListenersSeeEveryChangeAlreadyMade) {
  Registry registry;
  std::vector<std::string> seen;
  registry.AddListener([&] {
    seen.push_back(absl::StrCat(registry.ready(), " ", registry.snapshot()->layers().size()));
  });
  registry.Publish(MakeSnapshot({Layer("ecg", {1})}));
  registry.Publish(MakeSnapshot({Layer("ecg", {1}), Layer("vad", {1})}));
  registry.Drain();
  EXPECT_THAT(seen, ElementsAre("1 1", "1 2", "0 2"));
}

TEST(RegistryTest, ARemovedListenerHearsNothingAndTheOthersStay) {
  Registry registry;
  int first = 0;
  int second = 0;
  const int id = registry.AddListener([&] { ++first; });
  registry.AddListener([&] { ++second; });
  registry.Publish(MakeSnapshot({}));
  registry.RemoveListener(id);
  registry.RemoveListener(id);
  registry.Publish(MakeSnapshot({}));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
}

TEST(RegistryTest, AListenerDoesNotRunAnyMoreWhenItsRemovalReturns) {
  Registry registry;
  for (int round = 0; round < 100; ++round) {
    std::atomic<bool> entered{false}, removing{false}, runs{false};
    const int id = registry.AddListener([&] {
      runs = true;
      entered = true;
      while (!removing) std::this_thread::yield();
      for (int i = 0; i < 20; ++i) std::this_thread::yield();
      runs = false;
    });
    std::thread publisher([&] { registry.Drain(); });
    while (!entered) std::this_thread::yield();
    removing = true;
    registry.RemoveListener(id);
    EXPECT_FALSE(runs);
    publisher.join();
  }
}

TEST(RegistryTest, ReadersOnOtherThreadsAlwaysSeeAWholeSnapshot) {
  Registry registry;
  registry.Publish(MakeSnapshot({Layer("a", {1}), Layer("b", {1})}));
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto snapshot = registry.snapshot();
        const auto a = snapshot->Find("a", "");
        const auto b = snapshot->Find("b", "");
        if (!a.ok() || !b.ok() || (*a)->version != (*b)->version) ++torn;
      }
    });
  }
  for (int64_t version = 2; version <= 2000; ++version) {
    registry.Publish(MakeSnapshot({Layer("a", {version}), Layer("b", {version})}));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace convoy::registry
