#include "server/rpc/lane.h"

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/rpc/method_table.h"
#include "tests/server/rpc/health_watcher.h"
#include "tests/server/rpc/raw_call.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;
using grpc::health::v1::HealthCheckResponse;

using LaneTest = RpcServerTest;

TEST_F(LaneTest, EveryMethodOfEveryServiceIsServed) {
  for (const char* name :
       {"inference.GRPCInferenceService", "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}) {
    const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      // Of the configuration, which this server does not have.
      if (service->method(i)->name() == "LogSettings") continue;
      RawCall call(channel_, MethodPath(name, service->method(i)->name()));
      call.Send("").SendNoMore().Receive();
      call.Cancel();
      EXPECT_NE(call.Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED)
          << service->method(i)->full_name();
    }
  }
}

TEST_F(LaneTest, EveryLaneAnswersItsConnectionsAndTellsThemOfChanges) {
  GrpcServerOptions options;
  options.pollers = 3;
  Start(options);
  std::vector<std::unique_ptr<HealthWatcher>> watchers;
  for (int i = 0; i < 12; ++i) {
    watchers.push_back(std::make_unique<HealthWatcher>(NewChannel(), "conv"));
    EXPECT_EQ(watchers.back()->Next(), HealthCheckResponse::SERVING);
  }
  Publish({});
  for (const auto& watcher : watchers) {
    EXPECT_EQ(watcher->Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  }
  std::thread shutdown([this] { server_->Shutdown(std::chrono::hours(1)); });
  for (const auto& watcher : watchers) {
    EXPECT_EQ(watcher->Next(), -1);
    EXPECT_EQ(watcher->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  shutdown.join();
}

}  // namespace
}  // namespace convoy::rpc
