#include "server/batching/tenant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "server/batching/admission.h"
#include "server/batching/refusal_reason.h"

namespace convoy::batching {
namespace {

TEST(TenantTest, WithoutLimitsEverythingIsLetInAndCounted) {
  Tenant tenant("a");
  EXPECT_EQ(tenant.weight(), 1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(tenant.Enter(1 << 20).ok());
  EXPECT_EQ(tenant.in_flight(), 1000);
  EXPECT_EQ(tenant.bytes(), int64_t{1000} << 20);
  for (int i = 0; i < 1000; ++i) tenant.Leave(1 << 20);
  EXPECT_EQ(tenant.in_flight(), 0);
  EXPECT_EQ(tenant.bytes(), 0);
}

TEST(TenantTest, AsManyRequestsAsAllowedAreLetInAndNotOneMore) {
  Tenant tenant("a");
  tenant.SetLimits({.max_in_flight = 2});
  EXPECT_TRUE(tenant.Enter(1).ok());
  EXPECT_TRUE(tenant.Enter(1).ok());
  const absl::Status refused = tenant.Enter(1);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), RefusalReason::kTenant);
  EXPECT_TRUE(refused.GetPayload(kRetryAfterPayload).has_value());
  EXPECT_EQ(tenant.in_flight(), 2) << "who is refused holds nothing";
  tenant.Leave(1);
  EXPECT_TRUE(tenant.Enter(1).ok());
}

TEST(TenantTest, BytesAreLetInUpToTheLimitAndAnyNumberAlone) {
  Tenant tenant("a");
  tenant.SetLimits({.max_waiting_bytes = 10});
  EXPECT_TRUE(tenant.Enter(4).ok());
  EXPECT_TRUE(tenant.Enter(6).ok());
  EXPECT_FALSE(tenant.Enter(1).ok());
  EXPECT_EQ(tenant.bytes(), 10);
  tenant.Leave(6);
  EXPECT_FALSE(tenant.Enter(7).ok());
  tenant.Leave(4);
  EXPECT_TRUE(tenant.Enter(11).ok());
  EXPECT_FALSE(tenant.Enter(1).ok());
}

TEST(TenantTest, LimitsThatChangeAreForThoseWhoComeThen) {
  Tenant tenant("a");
  EXPECT_TRUE(tenant.Enter(1).ok());
  EXPECT_TRUE(tenant.Enter(1).ok());
  tenant.SetLimits({.weight = 3, .max_in_flight = 1});
  EXPECT_EQ(tenant.weight(), 3);
  EXPECT_FALSE(tenant.Enter(1).ok());
  tenant.Leave(1);
  EXPECT_FALSE(tenant.Enter(1).ok());
  tenant.Leave(1);
  EXPECT_TRUE(tenant.Enter(1).ok());
}

TEST(TenantTest, EndsAreCountedByOutcome) {
  Tenant tenant("a");
  tenant.OnEnd(absl::StatusCode::kOk);
  tenant.OnEnd(absl::StatusCode::kResourceExhausted);
  tenant.OnEnd(absl::StatusCode::kPermissionDenied);
  tenant.OnEnd(absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tenant.ended(Tenant::kAnswered), 1);
  EXPECT_EQ(tenant.ended(Tenant::kRefused), 2);
  EXPECT_EQ(tenant.ended(Tenant::kFailed), 1);
}

TEST(TenantTest, NothingIsLeftOfManyThreads) {
  Tenant tenant("a");
  tenant.SetLimits({.max_in_flight = 3, .max_waiting_bytes = 100});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&tenant] {
      for (int call = 0; call < 20'000; ++call) {
        if (tenant.Enter(40).ok()) tenant.Leave(40);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tenant.in_flight(), 0);
  EXPECT_EQ(tenant.bytes(), 0);
}

}  // namespace
}  // namespace convoy::batching
