#include "kernel/batch/transpose.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace convoy::batch {
namespace {

constexpr int kUntouched = 7;

template <typename Element>
Element Value(int64_t row, int64_t column) {
  return static_cast<Element>(1000 + row * 128 + column);
}

// Transposes a (rows, columns) matrix with `gap` elements behind every row on
// both sides and checks every element of the target, the gaps too.
template <typename Element>
void CheckTranspose(int64_t rows, int64_t columns, int64_t gap) {
  SCOPED_TRACE(::testing::Message() << rows << " x " << columns << ", gap " << gap);
  const int64_t source_pitch = columns + gap;
  const int64_t target_pitch = rows + gap;
  std::vector<Element> source(rows * source_pitch, kUntouched);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) source[r * source_pitch + c] = Value<Element>(r, c);
  }
  std::vector<Element> target(columns * target_pitch, kUntouched);
  Transpose(source.data(), rows, columns, source_pitch, target.data(), target_pitch);
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t r = 0; r < target_pitch; ++r) {
      const Element expected = r < rows ? Value<Element>(r, c) : Element{kUntouched};
      ASSERT_EQ(target[c * target_pitch + r], expected) << c << ", " << r;
    }
  }
}

TEST(TransposeTest, EveryElementMovesAroundTheBlockSize) {
  for (int64_t rows : {1, 2, 15, 16, 17, 32, 33, 100}) {
    for (int64_t columns : {1, 2, 15, 16, 17, 32, 33, 100}) {
      ASSERT_NO_FATAL_FAILURE(CheckTranspose<float>(rows, columns, 0));
      ASSERT_NO_FATAL_FAILURE(CheckTranspose<double>(rows, columns, 0));
      ASSERT_NO_FATAL_FAILURE(CheckTranspose<uint16_t>(rows, columns, 0));
    }
  }
}

TEST(TransposeTest, GapsBehindRowsAreNeitherReadNorWritten) {
  for (int64_t gap : {1, 3, 16}) {
    ASSERT_NO_FATAL_FAILURE(CheckTranspose<float>(33, 17, gap));
    ASSERT_NO_FATAL_FAILURE(CheckTranspose<uint16_t>(16, 16, gap));
  }
}

TEST(TransposeTest, AMatrixWithoutRowsOrColumnsTouchesNothing) {
  float target = kUntouched;
  Transpose<float>(nullptr, 0, 5, 5, &target, 0);
  Transpose<float>(nullptr, 5, 0, 0, &target, 5);
  EXPECT_EQ(target, kUntouched);
}

TEST(TransposeTest, TwiceGivesTheMatrixBack) {
  std::vector<float> matrix(40 * 23);
  for (size_t i = 0; i < matrix.size(); ++i) matrix[i] = static_cast<float>(i);
  std::vector<float> turned(matrix.size());
  std::vector<float> back(matrix.size());
  Transpose(matrix.data(), 40, 23, 23, turned.data(), 40);
  Transpose(turned.data(), 23, 40, 40, back.data(), 23);
  EXPECT_EQ(back, matrix);
  EXPECT_NE(turned, matrix);
}

}  // namespace
}  // namespace convoy::batch
