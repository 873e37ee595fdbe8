// Everything at once: many editors of few layers, callers that infer, and nothing left.
#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/batching/scheduler.h"
#include "server/batching/task.h"
#include "server/loading/layer_editor.h"
#include "tests/server/loading/following_fixture.h"
#include "tests/support/scale.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;
using repository::MemorySource;

constexpr int kLayers = 4;
// The weights of one layer lie in a range of its own.
constexpr int kRange = 100'000;

// One request of one frame: the answer is the weight.
class WeightTask final : public batching::Task {
 public:
  explicit WeightTask(const LiveVersion& live) {
    input.shape = live.layer->CheckInput({1, 1, 1}).value();
    input.payload.emplace_back(reinterpret_cast<const std::byte*>(&one_), sizeof(one_));
  }

  void Succeed(batching::TaskOutput output) override {
    std::memcpy(&answer_, output.pieces.at(0).data(), sizeof(answer_));
    done_.Notify();
  }
  void Fail(absl::Status status) override {
    ADD_FAILURE() << status;
    done_.Notify();
  }

  float Wait() {
    done_.WaitForNotification();
    return answer_;
  }

 private:
  const float one_ = 1;
  float answer_ = 0;
  absl::Notification done_;
};

class LoadingTortureTest : public FollowingTest {
 protected:
  static std::string NameOf(int layer) { return absl::StrCat("layer", layer); }

  void Edit(int operations, uint32_t seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < operations; ++i) {
      const auto layer = static_cast<int>(random() % kLayers);
      const std::string name = NameOf(layer);
      switch (random() % 8) {
        case 0:
          editor_.Delete(name, false).IgnoreError();
          break;
        case 1:
          editor_.Unload(name).IgnoreError();
          break;
        case 2:
          editor_.Load(name).IgnoreError();
          break;
        case 3:
          editor_.Rollback(name, 1).status().IgnoreError();
          break;
        default:
          Create(name, static_cast<float>(layer * kRange + static_cast<int>(random() % kRange)));
      }
    }
  }

  void Create(const std::string& name, float value) {
    const std::string config = Config();
    const std::string weights = Weights(value);
    MemorySource config_source(config);
    MemorySource weights_source(weights);
    const absl::Status status = editor_
                                    .CreateVersion(name, {{"config.json", config_source},
                                                          {"weights.safetensors", weights_source}})
                                    .status();
    // Another editor may delete what this one has just written.
    EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
  }

  void Infer(const std::stop_token& stop, uint32_t seed) {
    std::mt19937 random(seed);
    while (!stop.stop_requested()) {
      const auto layer = static_cast<int>(random() % kLayers);
      const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
      const auto live = snapshot->Find(NameOf(layer), "");
      if (!live.ok()) continue;
      WeightTask task(**live);
      ASSERT_TRUE(scheduler_.Submit((*live)->handle, &task).ok());
      const float answer = task.Wait();
      EXPECT_EQ(answer, (*live)->layer->kernel()[0]);
      EXPECT_EQ(static_cast<int>(answer) / kRange, layer);
      ++answers_;
    }
  }

  // Returns the heap in use when nothing is left of it.
  size_t Round() {
    const int editors = testing::Scaled(6, 32);
    const int operations = testing::Scaled(6, 50);
    const int callers = testing::Scaled(4, 16);
    {
      std::vector<std::jthread> threads;
      std::vector<std::jthread> clients;
      for (int i = 0; i < callers; ++i) {
        clients.emplace_back([this, i](const std::stop_token& stop) { Infer(stop, i); });
      }
      for (int i = 0; i < editors; ++i) {
        threads.emplace_back([this, operations, i] { Edit(operations, 1000 + i); });
      }
      threads.clear();  // joins
    }
    for (int i = 0; i < kLayers; ++i) {
      editor_.Load(NameOf(i)).IgnoreError();
      editor_.Delete(NameOf(i), false).IgnoreError();
    }
    EXPECT_TRUE(registry_.snapshot()->layers().empty());
    while (live_.Sweep() > 0) std::this_thread::yield();
    return mallinfo2().uordblks;
  }

  repository::RepositoryWriter writer_{root_};
  batching::Scheduler scheduler_{{.workers = 2, .worker_nice = 0, .small_seconds = 0}};
  std::atomic<int64_t> answers_ = 0;
  LayerEditor editor_{writer_, *StartIt(), registry_, 3};

 private:
  RepositoryFollower* StartIt() {
    Start(root_);
    return follower_.get();
  }
};

TEST_F(LoadingTortureTest, NoCrashNoMixedAnswerAndNothingLeft) {
  Round();
  const size_t second = Round();
  const size_t third = Round();
  EXPECT_GT(answers_, 0);
  EXPECT_LT(third, second + (1 << 20));
  std::vector<std::string> entries;
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    entries.push_back(entry.path().filename());
  }
  EXPECT_THAT(entries, ::testing::ElementsAre(".convoy-lock"));
}

}  // namespace
}  // namespace convoy::loading
