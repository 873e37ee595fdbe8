#include "server/access/caller.h"

#include <gtest/gtest.h>

#include <vector>

namespace convoy::access {
namespace {

using enum Permission;

const std::vector<Permission> kAll = {kOpen, kMetrics, kKnown, kSeeLayer, kInfer, kRead, kWrite};

std::vector<Permission> Allowed(const Grant& grant) {
  const Caller caller(nullptr, &grant);
  std::vector<Permission> allowed;
  for (const Permission permission : kAll) {
    if (caller.May(permission)) allowed.push_back(permission);
  }
  return allowed;
}

TEST(CallerTest, MayDoWhatIsGrantedAndNothingElse) {
  EXPECT_EQ(Allowed({}), (std::vector<Permission>{kOpen, kKnown}));
  EXPECT_EQ(Allowed({.infer = {"x"}}), (std::vector<Permission>{kOpen, kKnown, kSeeLayer, kInfer}));
  EXPECT_EQ(Allowed({.infer_all = true}),
            (std::vector<Permission>{kOpen, kKnown, kSeeLayer, kInfer}));
  EXPECT_EQ(Allowed({.read = true}),
            (std::vector<Permission>{kOpen, kMetrics, kKnown, kSeeLayer, kRead}));
  EXPECT_EQ(Allowed({.infer_all = true, .read = true, .write = true}), kAll);
}

TEST(CallerTest, LayersAreLookedAtByThoseWhoUseThemOrReadEverything) {
  const Grant infers{.infer = {"x"}};
  const Grant reads{.read = true};
  const Caller user(nullptr, &infers);
  const Caller reader(nullptr, &reads);
  EXPECT_TRUE(user.CheckLayer(kInfer, "x").ok());
  EXPECT_TRUE(user.CheckLayer(kSeeLayer, "x").ok());
  EXPECT_EQ(user.CheckLayer(kInfer, "y").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(user.CheckLayer(kSeeLayer, "y").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(reader.CheckLayer(kSeeLayer, "y").ok());
  EXPECT_EQ(reader.CheckLayer(kInfer, "y").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(reader.CheckLayer(kRead, "y").ok()) << "does not depend on layers";
}

TEST(CallerTest, WhoIsNotAskedForATokenMayDoEverything) {
  for (const Permission permission : kAll) EXPECT_TRUE(Caller().May(permission));
  EXPECT_TRUE(Caller().CheckLayer(kInfer, "x").ok());
}

}  // namespace
}  // namespace convoy::access
