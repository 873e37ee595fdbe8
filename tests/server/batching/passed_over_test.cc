#include "server/batching/passed_over.h"

#include <gtest/gtest.h>

#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::MakeEntry;
using std::chrono::milliseconds;

TEST(PassedOverTest, TimeCountsForThoseThatWereThere) {
  PassedOver level;
  const auto a = MakeEntry({1}), b = MakeEntry({1});
  level.Pass(milliseconds(500));
  EXPECT_EQ(level.First(milliseconds(0)), nullptr);
  level.Add(a->entry);
  level.Pass(milliseconds(60));
  level.Add(b->entry);
  level.Pass(milliseconds(39));
  EXPECT_EQ(level.First(milliseconds(100)), nullptr);
  level.Pass(milliseconds(1));
  EXPECT_EQ(level.First(milliseconds(100)), &a->entry);
  level.Remove(a->entry);
  EXPECT_EQ(level.First(milliseconds(41)), nullptr);
  EXPECT_EQ(level.First(milliseconds(40)), &b->entry);
}

TEST(PassedOverTest, WhoWasServedStandsAtTheEnd) {
  PassedOver level;
  const auto a = MakeEntry({1}), b = MakeEntry({1});
  level.Add(a->entry);
  level.Add(b->entry);
  level.Pass(milliseconds(100));
  level.Remove(a->entry);
  level.Add(a->entry);
  level.Pass(milliseconds(100));
  EXPECT_EQ(level.First(milliseconds(200)), &b->entry);
  level.Remove(b->entry);
  EXPECT_EQ(level.First(milliseconds(200)), nullptr);
  EXPECT_EQ(level.First(milliseconds(100)), &a->entry);
}

TEST(PassedOverTest, WhoLeavesFromAnywhereLeavesTheOrder) {
  for (int leaves = 0; leaves < 3; ++leaves) {
    PassedOver level;
    const auto a = MakeEntry({1}), b = MakeEntry({1}), c = MakeEntry({1});
    Entry* const entries[] = {&a->entry, &b->entry, &c->entry};
    for (Entry* entry : entries) level.Add(*entry);
    level.Remove(*entries[leaves]);
    for (int i = 0; i < 3; ++i) {
      if (i == leaves) continue;
      ASSERT_EQ(level.First(milliseconds(0)), entries[i]) << leaves;
      level.Remove(*entries[i]);
    }
    EXPECT_EQ(level.First(milliseconds(0)), nullptr);
    level.Add(*entries[leaves]);
    EXPECT_EQ(level.First(milliseconds(0)), entries[leaves]);
  }
}

}  // namespace
}  // namespace convoy::batching
