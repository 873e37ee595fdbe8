#include "server/rpc/library_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy::rpc {
namespace {

TEST(LibraryVersionsTest, AreNumbersWithDots) {
  EXPECT_THAT(GrpcVersion(), ::testing::MatchesRegex("1\\.[0-9]+\\.[0-9]+.*"));
  EXPECT_THAT(ProtobufVersion(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+.*"));
}

}  // namespace
}  // namespace convoy::rpc
