#include "server/rpc/health_service.h"

#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/test_server.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class HealthServiceTest : public RpcServerTest {
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

TEST_F(HealthServiceTest, ServerAndLayersServeUntilTheServerDrains) {
  ExpectStatus("", HealthCheckResponse::SERVING);
  ExpectStatus("conv", HealthCheckResponse::SERVING);
  registry_.Drain();
  ExpectStatus("", HealthCheckResponse::NOT_SERVING);
  ExpectStatus("conv", HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthServiceTest, ALayerWithoutAReadableVersionDoesNotServe) {
  ExpectStatus("broken", HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthServiceTest, AnUnknownNameIsNotFound) {
  ServingStatus status;
  EXPECT_EQ(Check("nosuch", status).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(HealthServiceStatusTest, NothingServesBeforeTheFirstSnapshot) {
  registry::Registry registry;
  const HealthService service(registry);
  EXPECT_EQ(service.StatusOf(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(service.StatusOf("conv"), HealthCheckResponse::SERVICE_UNKNOWN);
}

}  // namespace
}  // namespace convoy::rpc
