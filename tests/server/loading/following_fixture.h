// A repository that is followed, for tests on files.
#ifndef CONVOY_TESTS_SERVER_LOADING_FOLLOWING_FIXTURE_H_
#define CONVOY_TESTS_SERVER_LOADING_FOLLOWING_FIXTURE_H_

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "server/loading/layer_compiler.h"
#include "server/loading/live_layers.h"
#include "server/loading/loading_log.h"
#include "server/loading/repository_follower.h"
#include "server/loading/tuning_file.h"
#include "server/repository/model_repository.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::loading {

// What becomes of the files shows in the registry.
class FollowingTest : public repository::RepositoryTest {
 protected:
  ~FollowingTest() override { Stop(); }

  // Follows `folder` until the end of the test. Returns when all that is there is live.
  void Start(const std::filesystem::path& folder, RepositoryFollower::Options options = {}) {
    repository_ = repository::ModelRepository::Open(folder).value();
    follower_ = std::make_unique<RepositoryFollower>(*repository_, compiler_, live_, log_, options);
    follower_->SetHooks({}, [this] {
      if (!following_.HasBeenNotified()) following_.Notify();
      return Clock::time_point::max();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) {
      EXPECT_TRUE(follower_->LoadAll(2, stop).ok());
      live_.Complete();
      follower_->Follow(stop);
    });
    following_.WaitForNotification();
  }

  void Stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

  // The files of a version whose kernel is one number.
  static std::string Config() {
    return R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, "use_bias": false}})";
  }
  static std::string Weights(float value) {
    return repository::SafetensorsBytes(
        R"({"kernel":{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]}})",
        std::string(reinterpret_cast<const char*>(&value), sizeof(value)));
  }

  // Such a version, written as `cp` would.
  void WriteValue(const std::filesystem::path& folder, float value) {
    Write(folder / "config.json", Config());
    Write(folder / "weights.safetensors", Weights(value));
  }

  // The value that answers, 0 where there is none.
  float Answer(const std::string& layer, const std::string& version = "") const {
    const auto live = registry_.snapshot()->Find(layer, version);
    return live.ok() ? (*live)->layer->kernel()[0] : 0;
  }

  // Tests end by ctest's clock only.
  static void WaitUntil(const std::function<bool()>& condition) {
    while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void WaitForAnswer(const std::string& layer, float value) {
    WaitUntil([&] { return Answer(layer) == value; });
  }

  metrics::Metrics metrics_;
  engine::ByteBudget primitives_;
  registry::Registry registry_;
  TuningFile store_{"", "this machine"};
  engine::TuningMemory memory_{&store_};
  const LayerCompiler compiler_{metrics_, primitives_, memory_};
  LiveLayers live_{registry_, metrics_};
  LoadingLog log_{metrics_};
  std::optional<repository::ModelRepository> repository_;
  absl::Notification following_;
  std::unique_ptr<RepositoryFollower> follower_;
  std::jthread thread_;
};

}  // namespace convoy::loading

#endif  // CONVOY_TESTS_SERVER_LOADING_FOLLOWING_FIXTURE_H_
