#include "server/batching/entry_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace convoy::batching {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<const Entry*> All(const EntryList& list) {
  std::vector<const Entry*> all;
  for (const Entry* entry = list.front(); entry != nullptr; entry = entry->next) {
    all.push_back(entry);
  }
  return all;
}

TEST(EntryListTest, EntriesStandInTheOrderTheyCameAndLeaveFromAnywhere) {
  EntryList list;
  Entry a, b, c, d;
  for (Entry* entry : {&a, &b, &c, &d}) list.PushBack(*entry);
  EXPECT_THAT(All(list), ElementsAre(&a, &b, &c, &d));
  list.Remove(b);
  EXPECT_THAT(All(list), ElementsAre(&a, &c, &d));
  list.Remove(d);
  EXPECT_THAT(All(list), ElementsAre(&a, &c));
  list.Remove(a);
  EXPECT_THAT(All(list), ElementsAre(&c));
  list.Remove(c);
  EXPECT_TRUE(list.empty());
  EXPECT_THAT(All(list), IsEmpty());
}

TEST(EntryListTest, AnEntryThatLeftMayComeAgain) {
  EntryList list;
  Entry a, b;
  list.PushBack(a);
  list.Remove(a);
  list.PushBack(b);
  list.PushBack(a);
  EXPECT_THAT(All(list), ElementsAre(&b, &a));
}

}  // namespace
}  // namespace convoy::batching
