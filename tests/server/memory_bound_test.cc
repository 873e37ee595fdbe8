#include "server/memory_bound.h"

#include "gtest/gtest.h"

namespace convoy {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;
constexpr int64_t kPlenty = int64_t{1} << 40;

TEST(MemoryBoundTest, FollowsTheOptionsAndTheWeights) {
  ServerOptions options;
  options.grpc.pollers = 2;
  const int64_t bound = MemoryBound(options, 0, kPlenty);
  EXPECT_EQ(MemoryBound(options, kMebibyte, kPlenty), bound + kMebibyte);
  options.grpc.max_received_bytes += 3 * kMebibyte;
  EXPECT_EQ(MemoryBound(options, 0, kPlenty), bound + 3 * kMebibyte);
  options.grpc.max_message_bytes += 5 * kMebibyte;
  EXPECT_EQ(MemoryBound(options, 0, kPlenty), bound + 13 * kMebibyte);
  options.scheduler.max_queue_bytes -= kMebibyte;
  EXPECT_EQ(MemoryBound(options, 0, kPlenty), bound + 12 * kMebibyte);
  options.grpc.connections.max_connections += 10;
  EXPECT_EQ(MemoryBound(options, 0, kPlenty), bound + 13 * kMebibyte - 6);  // a tenth, rounded down
}

TEST(MemoryBoundTest, LeavesATenthOfTheLimit) {
  EXPECT_EQ(MemoryBound(ServerOptions(), 0, 1000), 900);
}

TEST(MemoryBoundTest, KnowsWhatTheMachineHas) {
  EXPECT_GT(MemoryLimit(), kMebibyte);
  EXPECT_LT(MemoryLimit(), kPlenty);
}

}  // namespace
}  // namespace convoy
