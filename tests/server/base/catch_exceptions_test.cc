#include "server/base/catch_exceptions.h"

#include <new>
#include <stdexcept>
#include <string>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

TEST(CatchExceptionsTest, PassesOnWhatIsReturned) {
  EXPECT_EQ(CatchExceptions([]() -> absl::StatusOr<int> { return 7; }).value(), 7);
  const absl::Status status = CatchExceptions([] { return absl::NotFoundError("x"); });
  EXPECT_TRUE(absl::IsNotFound(status));
}

TEST(CatchExceptionsTest, MemoryThatIsNotThereIsAnError) {
  const absl::Status status = CatchExceptions([]() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_TRUE(absl::IsResourceExhausted(status));
}

TEST(CatchExceptionsTest, AnythingElseIsInternalAndNamed) {
  const absl::StatusOr<int> result =
      CatchExceptions([]() -> absl::StatusOr<int> { throw std::length_error("too long"); });
  EXPECT_TRUE(absl::IsInternal(result.status()));
  EXPECT_THAT(std::string(result.status().message()), testing::HasSubstr("too long"));
}

}  // namespace
}  // namespace convoy
