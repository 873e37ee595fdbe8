#include "server/loading/background_tuner.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/loading/tuning_file.h"
#include "server/repository/model_repository.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BackgroundTunerTest : public repository::RepositoryTest {
 protected:
  std::shared_ptr<const LiveVersion> Load(const std::string& name) {
    WriteVersion(name, "1");
    const auto repository = repository::ModelRepository::Open(root_).value();
    return compiler_
        .Compile(name, repository.ReadVersion(name, 1).value(), LayerCompiler::Timing::kNone,
                 nullptr)
        .value();
  }

  BackgroundTuner::Hooks Hooks() {
    return {.may_time = [this] { return may_time_.load(); },
            .replace =
                [this](const auto& stale, auto fresh) {
                  EXPECT_FALSE(stale->tuned);
                  EXPECT_TRUE(fresh->tuned);
                  EXPECT_EQ(fresh->layer, stale->layer);
                  MutexLock lock(mutex_);
                  names_.push_back(fresh->name);
                },
            .on_idle = [this] { idle_.Notify(); }};
  }

  std::vector<std::string> names() {
    MutexLock lock(mutex_);
    return names_;
  }

  metrics::Metrics metrics_;
  engine::ByteBudget primitives_;
  TuningFile store_{"", "this machine"};
  engine::TuningMemory memory_{&store_};
  const LayerCompiler compiler_{metrics_, primitives_, memory_};
  std::atomic<bool> may_time_ = true;
  absl::Notification idle_;
  Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(BackgroundTunerTest, TimesOneAfterTheOtherAndSaysWhenNothingIsLeft) {
  const auto a = Load("a");
  const auto b = Load("b");
  BackgroundTuner tuner(compiler_, Hooks());
  tuner.Add(a);
  tuner.Add(b);
  EXPECT_EQ(tuner.waiting(), 2u);
  tuner.Start(0);
  idle_.WaitForNotification();
  EXPECT_EQ(tuner.waiting(), 0u);
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(BackgroundTunerTest, WhatHasLeftMeanwhileIsNotTimed) {
  auto a = Load("a");
  BackgroundTuner tuner(compiler_, Hooks());
  tuner.Add(a);
  a.reset();
  tuner.Start(0);
  idle_.WaitForNotification();
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(BackgroundTunerTest, WaitsWhileNoProcessorIsLeftOver) {
  may_time_ = false;
  std::atomic<int> asked = 0;
  BackgroundTuner::Hooks hooks = Hooks();
  hooks.may_time = [&] {
    ++asked;
    return may_time_.load();
  };
  const auto a = Load("a");
  BackgroundTuner tuner(compiler_, std::move(hooks));
  tuner.Add(a);
  tuner.Start(0);
  while (asked < 3) std::this_thread::yield();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(tuner.waiting(), 1u);
  may_time_ = true;
  idle_.WaitForNotification();
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(BackgroundTunerTest, EndsAlsoWhileItWaits) {
  may_time_ = false;
  const auto a = Load("a");
  BackgroundTuner tuner(compiler_, Hooks());
  tuner.Add(a);
  tuner.Start(0);
  tuner.Stop();
  tuner.Stop();
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace convoy::loading
