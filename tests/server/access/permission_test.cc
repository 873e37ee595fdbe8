#include "server/access/permission.h"

#include <gtest/gtest.h>

#include <string>

namespace convoy::access {
namespace {

TEST(PermissionTest, OfMethodsIsFoundByTheWholePath) {
  const std::string path = "/inference.GRPCInferenceService/ModelInfer";
  EXPECT_EQ(PermissionOfMethod(path), Permission::kInfer);
  EXPECT_EQ(PermissionOfMethod("/grpc.health.v1.Health/Check"), Permission::kOpen);
  for (size_t size = 0; size < path.size(); ++size) {
    EXPECT_EQ(PermissionOfMethod(path.substr(0, size)), std::nullopt) << size;
  }
  for (const std::string& other : {path + "x", "x" + path, "/" + path,
                                   std::string("/inference.GRPCInferenceService.ModelInfer"),
                                   std::string("/grpc.health.v1.Health/ModelInfer")}) {
    EXPECT_EQ(PermissionOfMethod(other), std::nullopt) << other;
  }
}

TEST(PermissionTest, OfPagesDependsOnTheMethod) {
  EXPECT_EQ(PermissionOfPage("GET", "/config"), Permission::kRead);
  EXPECT_EQ(PermissionOfPage("PATCH", "/config"), Permission::kWrite);
  EXPECT_EQ(PermissionOfPage("DELETE", "/config"), std::nullopt);
  EXPECT_EQ(PermissionOfPage("GET", "/v2/health/live"), Permission::kOpen);
  EXPECT_EQ(PermissionOfPage("GET", "/none"), std::nullopt);
}

}  // namespace
}  // namespace convoy::access
