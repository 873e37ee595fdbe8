#include "server/rpc/reader.h"

#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using std::chrono::milliseconds;

class StayTest : public testing::Test {
 protected:
  milliseconds Look() { return std::chrono::duration_cast<milliseconds>(stay_.Look(reader_)); }

  std::optional<uint64_t> call_ = 1;
  milliseconds cpu_{0};
  const Reader reader_{[this] { return call_; }, [this] { return cpu_; }};
  Stay stay_;
};

TEST_F(StayTest, CountsProcessorTimeSinceTheFirstLookAtACall) {
  cpu_ = milliseconds(100);
  EXPECT_EQ(Look(), milliseconds(0));
  cpu_ += milliseconds(3);
  EXPECT_EQ(Look(), milliseconds(3));
  cpu_ += milliseconds(4);
  EXPECT_EQ(Look(), milliseconds(7));
}

TEST_F(StayTest, AnotherCallBeginsAnew) {
  Look();
  cpu_ += milliseconds(3);
  call_ = 3;
  EXPECT_EQ(Look(), milliseconds(0));
  cpu_ += milliseconds(2);
  EXPECT_EQ(Look(), milliseconds(2));
}

TEST_F(StayTest, OutsideOfGrpcNothingCounts) {
  call_ = std::nullopt;
  Look();
  cpu_ += milliseconds(3);
  EXPECT_EQ(Look(), milliseconds(0));
}

TEST_F(StayTest, RestartBeginsAnewWithinTheSameCall) {
  Look();
  cpu_ += milliseconds(3);
  stay_.Restart(reader_);
  EXPECT_EQ(Look(), milliseconds(0));
  cpu_ += milliseconds(1);
  EXPECT_EQ(Look(), milliseconds(1));
}

}  // namespace
}  // namespace convoy::rpc
