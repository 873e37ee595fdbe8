#include "server/rpc/health_watch.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/server/rpc/health_watcher.h"
#include "tests/server/rpc/raw_call.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckResponse;

using HealthWatchTest = RpcServerTest;

TEST_F(HealthWatchTest, SendsTheStatusNowAndAfterEveryChange) {
  HealthWatcher server(channel_, "");
  HealthWatcher layer(channel_, "conv");
  EXPECT_EQ(server.Next(), HealthCheckResponse::SERVING);
  EXPECT_EQ(layer.Next(), HealthCheckResponse::SERVING);
  Publish({registry::LiveLayer{.name = "conv"}});
  EXPECT_EQ(layer.Next(), HealthCheckResponse::NOT_SERVING);
  PublishLayers();
  EXPECT_EQ(layer.Next(), HealthCheckResponse::SERVING);
  registry_.Drain();
  // The server's own status did not change in between, so this is the next.
  EXPECT_EQ(server.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(layer.Next(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthWatchTest, AnUnknownNameStaysWatchedUntilItIsKnown) {
  HealthWatcher watcher(channel_, "late");
  EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  registry::LiveLayer late{.name = "late"};
  late.versions = {MakeLiveVersion("late", 1, BuildLayer(TestConfig()), &layer_metrics_)};
  Publish({late});
  EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVING);
  Publish({});
  EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST_F(HealthWatchTest, EndsWithUnavailableWhenTheServerShutsDown) {
  HealthWatcher watcher(channel_, "");
  EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVING);
  server_->Shutdown(std::chrono::hours(1));
  EXPECT_EQ(watcher.Next(), -1);
  EXPECT_EQ(watcher.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthWatchTest, ACallerThatGoesAwayIsForgotten) {
  {
    HealthWatcher watcher(channel_, "");
    EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVING);
    watcher.Cancel();
    EXPECT_EQ(watcher.Next(), -1);
    EXPECT_EQ(watcher.Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  registry_.Drain();
  HealthWatcher other(channel_, "");
  EXPECT_EQ(other.Next(), HealthCheckResponse::NOT_SERVING);
  // Returns only when no stream is left.
  server_->Shutdown(std::chrono::hours(1));
}

TEST_F(HealthWatchTest, RequestsThatAreNoneAndNamesThatAreTooLongAreRefused) {
  RawCall bad(channel_, "/grpc.health.v1.Health/Watch");
  EXPECT_EQ(bad.Send("\x0A").Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  RawCall none(channel_, "/grpc.health.v1.Health/Watch");
  EXPECT_EQ(none.SendNoMore().Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  HealthWatcher longest(channel_, std::string(255, 'x'));
  EXPECT_EQ(longest.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  HealthWatcher longer(channel_, std::string(600, 'x'));
  EXPECT_EQ(longer.Next(), -1);
  EXPECT_EQ(longer.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(HealthWatchTest, AStreamWhoseRequestDoesNotComeEndsWithTheServer) {
  RawCall silent(channel_, "/grpc.health.v1.Health/Watch");
  ExpectAlive();  // on the same connection, so the stream has begun
  server_->Shutdown(std::chrono::hours(1));
  EXPECT_EQ(silent.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace convoy::rpc
