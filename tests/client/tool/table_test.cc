#include "client/tool/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace convoy::tool {
namespace {

std::string Printed(const std::vector<std::vector<std::string>>& rows) {
  Table table;
  for (const auto& row : rows) table.AddRow(row);
  std::ostringstream out;
  table.Print(out);
  return out.str();
}

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(Printed({{"LAYER", "V"}, {"a", "10"}, {"longer", "2"}}),
            "LAYER   V\n"
            "a       10\n"
            "longer  2\n");
}

TEST(Table, EmptyCellsAtTheEndLeaveNoSpaces) {
  EXPECT_EQ(Printed({{"a", "b", "c"}, {"d", "", ""}}), "a  b  c\nd\n");
}

TEST(Table, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(Printed({{"\xc3\xbc", "x"}, {"ab", "y"}}), "\xc3\xbc   x\nab  y\n");
}

TEST(Table, LineBreaksInCellsDoNotBreakRows) { EXPECT_EQ(Printed({{"a\nb", "c"}}), "a b  c\n"); }

TEST(Table, NoRowsPrintNothing) { EXPECT_EQ(Printed({}), ""); }

}  // namespace
}  // namespace convoy::tool
