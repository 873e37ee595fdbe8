#include "client/tool/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <sstream>

namespace convoy::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Printed(const std::vector<int64_t>& shape, const std::vector<float>& values) {
  std::ostringstream out;
  PrintPreview(client::FloatView(shape, values), out);
  return out.str();
}

std::vector<float> Counting(size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

TEST(Preview, RowsCarryTheirIndex) {
  EXPECT_EQ(Printed({2, 1, 2}, {1, 2, -0.5, 1e10}),
            "[0, 0]                1            2\n"
            "[1, 0]             -0.5        1e+10\n");
}

TEST(Preview, SixRowsAndColumnsFitAndSevenAreCut) {
  EXPECT_THAT(Printed({1, 6, 6}, Counting(36)), Not(HasSubstr("...")));
  const std::string cut = Printed({1, 7, 7}, Counting(49));
  EXPECT_THAT(cut, HasSubstr("40  ...\n"));
  EXPECT_THAT(cut, HasSubstr("... 1 more rows\n"));
  EXPECT_THAT(cut, Not(HasSubstr("41")));
}

TEST(Preview, ValuesThatAreNotFiniteHaveOneSpelling) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(Printed({1, 1, 4}, {kInf, -kInf, kNan, -kNan}),
            "[0, 0]              inf         -inf          nan          nan\n");
}

TEST(Preview, TheExtremesOfFloatKeepTheirColumns) {
  EXPECT_EQ(Printed({1, 1, 2}, {std::numeric_limits<float>::lowest(),
                                std::numeric_limits<float>::denorm_min()}),
            "[0, 0]     -3.40282e+38   1.4013e-45\n");
}

TEST(Preview, TensorsWithoutElementsSaySo) {
  EXPECT_EQ(Printed({0, 5, 3}, {}), "(no elements)\n");
  EXPECT_EQ(Printed({1, 5, 0}, {}), "(no elements)\n");
}

TEST(Preview, ScalarsAndVectorsAreOneRow) {
  EXPECT_EQ(Printed({}, {3}), "[]                    3\n");
  EXPECT_EQ(Printed({2}, {3, 4}), "[]                    3            4\n");
}

}  // namespace
}  // namespace convoy::tool
