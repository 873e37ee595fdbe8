#include "kernel/engine/tile/byte_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>

namespace convoy::engine {
namespace {

using ::testing::ElementsAre;

// Holds entries of one byte, named by when they were used.
class FakeMember : public ByteBudget::Member {
 public:
  size_t bytes() const override { return uses.size(); }
  std::optional<uint64_t> OldestUse() const override {
    return uses.empty() ? std::nullopt : std::optional<uint64_t>(uses.front());
  }
  void EvictOldest() override { uses.pop_front(); }

  std::deque<uint64_t> uses;
};

TEST(ByteBudgetTest, EvictsWhatWasUnusedForLongestUntilTheRestFits) {
  ByteBudget cache(3);
  FakeMember a;
  FakeMember b;
  cache.Join(a);
  cache.Join(b);
  for (FakeMember* member : {&a, &b, &b, &a, &b}) member->uses.push_back(cache.Tick());
  cache.Trim();
  EXPECT_THAT(a.uses, ElementsAre(3u));
  EXPECT_THAT(b.uses, ElementsAre(2u, 4u));
  EXPECT_EQ(cache.figures().evictions, 2u);
  EXPECT_EQ(cache.figures().bytes, 3u);
  cache.Trim();
  EXPECT_EQ(cache.figures().evictions, 2u);
}

TEST(ByteBudgetTest, KeepsTheNewestEntryWhateverTheBudget) {
  ByteBudget cache(0);
  FakeMember member;
  cache.Join(member);
  for (int i = 0; i < 3; ++i) member.uses.push_back(cache.Tick());
  cache.Trim();
  EXPECT_THAT(member.uses, ElementsAre(2u));
}

TEST(ByteBudgetTest, AMemberThatLeftIsNeitherCountedNorTrimmed) {
  ByteBudget cache(0);
  FakeMember gone;
  FakeMember member;
  cache.Join(gone);
  cache.Join(member);
  gone.uses.push_back(cache.Tick());
  cache.Leave(gone);
  cache.Trim();
  EXPECT_THAT(gone.uses, ElementsAre(0u));
  EXPECT_EQ(cache.figures().bytes, 0u);
}

TEST(ByteBudgetTest, WithoutABudgetNothingIsEvicted) {
  ByteBudget cache;
  FakeMember member;
  cache.Join(member);
  for (int i = 0; i < 1000; ++i) member.uses.push_back(cache.Tick());
  cache.Trim();
  EXPECT_EQ(member.uses.size(), 1000u);
}

TEST(ByteBudgetTest, CountsHitsAndMisses) {
  ByteBudget cache;
  cache.CountHit();
  cache.CountHit();
  cache.CountMiss();
  EXPECT_EQ(cache.figures().hits, 2u);
  EXPECT_EQ(cache.figures().misses, 1u);
}

}  // namespace
}  // namespace convoy::engine
