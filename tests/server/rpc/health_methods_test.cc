#include "server/rpc/health_methods.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::ElementsAre;
using testing::Pair;

class HealthMethodsTest : public RpcServerTest {
 protected:
  grpc::Status Check(const std::string& service, ServingStatus& status) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status result =
        grpc::health::v1::Health::NewStub(channel_)->Check(&context, request, &response);
    status = response.status();
    return result;
  }

  void ExpectStatus(const std::string& service, ServingStatus expected) {
    ServingStatus status;
    EXPECT_TRUE(Check(service, status).ok());
    EXPECT_EQ(status, expected) << service;
  }
};

TEST_F(HealthMethodsTest, ServerAndLayersServeUntilTheServerDrains) {
  ExpectStatus("", HealthCheckResponse::SERVING);
  ExpectStatus("conv", HealthCheckResponse::SERVING);
  registry_.Drain();
  ExpectStatus("", HealthCheckResponse::NOT_SERVING);
  ExpectStatus("conv", HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthMethodsTest, ALayerWithoutAReadableVersionDoesNotServe) {
  ExpectStatus("broken", HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthMethodsTest, AnUnknownNameIsNotFound) {
  ServingStatus status;
  EXPECT_EQ(Check("nosuch", status).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthMethodsTest, ListNamesTheServerAndEveryLayer) {
  const auto list = [this] {
    grpc::ClientContext context;
    grpc::health::v1::HealthListResponse response;
    EXPECT_TRUE(grpc::health::v1::Health::NewStub(channel_)->List(&context, {}, &response).ok());
    std::map<std::string, int> statuses;
    for (const auto& [name, one] : response.statuses()) statuses[name] = one.status();
    return statuses;
  };
  EXPECT_THAT(list(), ElementsAre(Pair("", HealthCheckResponse::SERVING),
                                  Pair("broken", HealthCheckResponse::NOT_SERVING),
                                  Pair("conv", HealthCheckResponse::SERVING)));
  registry_.Drain();
  EXPECT_THAT(list(), ElementsAre(Pair("", HealthCheckResponse::NOT_SERVING),
                                  Pair("broken", HealthCheckResponse::NOT_SERVING),
                                  Pair("conv", HealthCheckResponse::NOT_SERVING)));
}

std::shared_ptr<const registry::Snapshot> SnapshotOf(const std::vector<std::string>& names,
                                                     bool complete) {
  std::vector<registry::LiveLayer> layers;
  for (const std::string& name : names) {
    registry::LiveLayer layer{.name = name};
    layer.versions.push_back(std::make_shared<registry::LiveVersion>());
    layers.push_back(std::move(layer));
  }
  return std::make_shared<const registry::Snapshot>(std::move(layers), complete);
}

TEST(HealthMethodsStatusTest, WhileTheServerStartsALayerServesAsSoonAsItIsThere) {
  registry::Registry registry;
  EXPECT_EQ(ServingStatusOf(registry, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(ServingStatusOf(registry, "conv"), HealthCheckResponse::NOT_SERVING);
  registry.Publish(SnapshotOf({"conv"}, /*complete=*/false));
  EXPECT_EQ(ServingStatusOf(registry, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(ServingStatusOf(registry, "conv"), HealthCheckResponse::SERVING);
  EXPECT_EQ(ServingStatusOf(registry, "other"), HealthCheckResponse::NOT_SERVING);
  registry.Publish(SnapshotOf({"conv"}, /*complete=*/true));
  EXPECT_EQ(ServingStatusOf(registry, ""), HealthCheckResponse::SERVING);
  EXPECT_EQ(ServingStatusOf(registry, "other"), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST(HealthMethodsStatusTest, AMissingRequiredLayerKeepsTheServerOutAndNotTheOthers) {
  registry::Registry registry({"other"});
  registry.Publish(SnapshotOf({"conv"}, /*complete=*/true));
  EXPECT_EQ(ServingStatusOf(registry, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(ServingStatusOf(registry, "conv"), HealthCheckResponse::SERVING);
}

}  // namespace
}  // namespace convoy::rpc
