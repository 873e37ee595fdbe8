#include "server/loading/retired.h"

#include <memory>

#include "gtest/gtest.h"

namespace convoy::loading {
namespace {

TEST(RetiredTest, FreesWhatNobodyElseHolds) {
  Retired retired;
  EXPECT_EQ(retired.Sweep(), 0u);
  auto held = std::make_shared<const int>(1);
  auto free = std::make_shared<const int>(2);
  const std::weak_ptr<const int> watch_held = held;
  const std::weak_ptr<const int> watch_free = free;
  retired.Add(held);
  retired.Add(std::move(free));
  EXPECT_FALSE(watch_free.expired());
  EXPECT_EQ(retired.Sweep(), 1u);
  EXPECT_TRUE(watch_free.expired());
  held.reset();
  EXPECT_FALSE(watch_held.expired());
  EXPECT_EQ(retired.Sweep(), 0u);
  EXPECT_TRUE(watch_held.expired());
}

TEST(RetiredTest, FreesWhatOnlyARetiredObjectHolds) {
  struct Snapshot {
    std::shared_ptr<const int> version;
  };
  Retired retired;
  auto version = std::make_shared<const int>(1);
  const std::weak_ptr<const int> watch = version;
  retired.Add(version);
  retired.Add(std::make_shared<const Snapshot>(Snapshot{std::move(version)}));
  EXPECT_EQ(retired.Sweep(), 0u);
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace convoy::loading
