#include "server/batching/refusal_reason.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace convoy::batching {
namespace {

TEST(RefusalReasonTest, GoesWithTheStatus) {
  std::set<std::string> names;
  for (size_t i = 0; i < kRefusalReasons; ++i) {
    const auto reason = static_cast<RefusalReason>(i);
    const absl::Status refusal = WithReason(absl::ResourceExhaustedError("full"), reason);
    EXPECT_EQ(ReasonOf(refusal), reason);
    EXPECT_EQ(refusal.message(), "full");
    names.insert(NameOf(reason));
  }
  EXPECT_EQ(names.size(), kRefusalReasons);
}

TEST(RefusalReasonTest, AnotherStatusHasNone) {
  EXPECT_EQ(ReasonOf(absl::ResourceExhaustedError("full")), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::OkStatus()), std::nullopt);
}

}  // namespace
}  // namespace convoy::batching
