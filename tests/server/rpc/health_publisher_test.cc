#include "server/rpc/health_publisher.h"

#include <dirent.h>

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/health_watcher.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckResponse;

using HealthPublisherTest = RpcServerTest;

int ThreadsOfThisProcess() {
  DIR* directory = opendir("/proc/self/task");
  int threads = 0;
  while (readdir(directory) != nullptr) ++threads;
  closedir(directory);
  return threads - 2;  // "." and ".."
}

std::vector<std::unique_ptr<HealthWatcher>> Watch(const std::shared_ptr<grpc::Channel>& channel,
                                                  int count) {
  std::vector<std::unique_ptr<HealthWatcher>> watchers;
  for (int i = 0; i < count; ++i) {
    watchers.push_back(std::make_unique<HealthWatcher>(channel, i % 2 == 0 ? "" : "conv"));
    EXPECT_EQ(watchers.back()->Next(), HealthCheckResponse::SERVING);
  }
  return watchers;
}

TEST_F(HealthPublisherTest, ManyStreamsAreToldAndCostNoThreads) {
  const auto few = Watch(channel_, 2);
  ExpectAlive();
  const int threads = ThreadsOfThisProcess();
  const auto many = Watch(channel_, 300);
  EXPECT_LE(ThreadsOfThisProcess(), threads + 4);
  registry_.Drain();
  for (const auto& watcher : many) EXPECT_EQ(watcher->Next(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthPublisherTest, EndReachesEveryStream) {
  const auto watchers = Watch(channel_, 50);
  server_->Shutdown(std::chrono::hours(1));
  for (const auto& watcher : watchers) {
    EXPECT_EQ(watcher->Next(), -1);
    EXPECT_EQ(watcher->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
}

TEST_F(HealthPublisherTest, ChangesDuringShutdownAreHarmless) {
  for (int round = 0; round < 10; ++round) {
    Start({});
    const auto watchers = Watch(channel_, 5);
    std::thread changes([this] {
      for (int i = 0; i < 200; ++i) PublishLayers();
    });
    server_->Shutdown(std::chrono::hours(1));
    changes.join();
  }
}

TEST_F(HealthPublisherTest, StreamsComeAndGoWhileTheRegistryChanges) {
  std::thread changes([this] {
    for (int i = 0; i < 500; ++i) PublishLayers();
  });
  for (int i = 0; i < 100; ++i) {
    HealthWatcher watcher(channel_, "conv");
    EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVING);
    watcher.Cancel();
    watcher.Finish();
  }
  changes.join();
  ExpectAlive();
}

}  // namespace
}  // namespace convoy::rpc
