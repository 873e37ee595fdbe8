#include "server/rpc/slice_cursor.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"

namespace convoy::rpc {
namespace {

using namespace std::string_literals;

TEST(SliceCursorTest, NoSlicesHaveNothingToRead) {
  SliceCursor cursor({});
  uint64_t value;
  EXPECT_EQ(cursor.remaining(), 0u);
  EXPECT_FALSE(cursor.ReadVarint(value));
}

TEST(SliceCursorTest, ReadsAVarintAcrossEveryCut) {
  const std::string bytes = "\xAC\xD9\x07\x05";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::vector<grpc::Slice> slices = CutIntoSlices(bytes, {cut});
    SliceCursor cursor(slices);
    uint64_t value;
    ASSERT_TRUE(cursor.ReadVarint(value));
    EXPECT_EQ(value, 0x1ECACu);
    EXPECT_EQ(cursor.position(), 3u);
    EXPECT_EQ(cursor.remaining(), 1u);
  }
}

TEST(SliceCursorTest, EmptySlicesBetweenOthersAreInvisible) {
  const std::vector<grpc::Slice> slices = CutIntoSlices("ab", {0, 0, 1, 1, 1, 2, 2});
  SliceCursor cursor(slices);
  BytePieces pieces;
  cursor.Take(2, pieces);
  EXPECT_EQ(TextOf(pieces), "ab");
  EXPECT_EQ(cursor.remaining(), 0u);
}

TEST(SliceCursorTest, AVarintHasAtMostTenBytes) {
  const std::string ten = std::string(9, '\xFF') + '\x01';
  const std::vector<grpc::Slice> fits = CutIntoSlices(ten);
  const std::vector<grpc::Slice> too_long = CutIntoSlices(std::string(10, '\xFF') + '\x01');
  uint64_t value;
  SliceCursor cursor(fits);
  EXPECT_TRUE(cursor.ReadVarint(value));
  EXPECT_EQ(value, ~uint64_t{0});
  SliceCursor overlong(too_long);
  EXPECT_FALSE(overlong.ReadVarint(value));
}

TEST(SliceCursorTest, ATagIsNeitherOfFieldZeroNorLongerThanFiveBytes) {
  uint32_t tag;
  for (const std::string& bytes :
       {"\x00"s, "\x80\x00"s, "\x01"s, "\x05"s, "\xFF\xFF\xFF\xFF\xFF\x01"s}) {
    const std::vector<grpc::Slice> slices = CutIntoSlices(bytes);
    SliceCursor cursor(slices);
    EXPECT_FALSE(cursor.ReadTag(tag));
  }
  const std::vector<grpc::Slice> slices = CutIntoSlices("\xBA\x80\x00"s);
  SliceCursor cursor(slices);
  ASSERT_TRUE(cursor.ReadTag(tag));
  EXPECT_EQ(tag, 0x3Au);
}

TEST(SliceCursorTest, ALengthMayReachTheEndButNotPassIt) {
  size_t length;
  const std::vector<grpc::Slice> exact = CutIntoSlices("\x02xy");
  SliceCursor cursor(exact);
  ASSERT_TRUE(cursor.ReadLength(length));
  EXPECT_EQ(length, 2u);
  const std::vector<grpc::Slice> beyond = CutIntoSlices("\x03xy");
  SliceCursor over(beyond);
  EXPECT_FALSE(over.ReadLength(length));
}

TEST(SliceCursorTest, SkipStopsAtTheEnd) {
  const std::vector<grpc::Slice> slices = CutIntoSlices("abcdef", {2, 4});
  SliceCursor cursor(slices);
  EXPECT_TRUE(cursor.Skip(5));
  EXPECT_FALSE(cursor.Skip(2));
  EXPECT_TRUE(cursor.Skip(1));
  EXPECT_EQ(cursor.remaining(), 0u);
}

TEST(SliceCursorTest, ACopyMarksAPlaceToComeBackTo) {
  const std::vector<grpc::Slice> slices = CutIntoSlices("abcdef", {1, 3});
  SliceCursor cursor(slices);
  ASSERT_TRUE(cursor.Skip(1));
  SliceCursor mark = cursor;
  ASSERT_TRUE(cursor.Skip(4));
  BytePieces pieces;
  mark.Take(cursor.position() - mark.position(), pieces);
  EXPECT_EQ(TextOf(pieces), "bcde");
  EXPECT_EQ(pieces.size(), 2u);
}

TEST(SliceCursorTest, TakingNeighboursGivesOnePiece) {
  const std::vector<grpc::Slice> slices = CutIntoSlices("abcdef");
  SliceCursor cursor(slices);
  BytePieces pieces;
  cursor.Take(2, pieces);
  cursor.Take(3, pieces);
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(TextOf(pieces), "abcde");
}

TEST(SliceCursorTest, FixedNumbersAndCopiesCrossEveryCut) {
  const std::string bytes = "\x01\x02\x03\x04\x05\x06\x07\x08x";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::vector<grpc::Slice> slices = CutIntoSlices(bytes, {cut});
    uint64_t value;
    SliceCursor cursor(slices);
    ASSERT_TRUE(cursor.ReadFixed(4, value));
    EXPECT_EQ(value, 0x04030201u);
    ASSERT_TRUE(cursor.ReadFixed(4, value));
    EXPECT_EQ(value, 0x08070605u);
    EXPECT_FALSE(cursor.ReadFixed(4, value));
    std::string copy(bytes.size(), '\0');
    SliceCursor(slices).Copy(copy.size(), copy.data());
    EXPECT_EQ(copy, bytes);
  }
}

TEST(SliceCursorTest, ACursorOverTheFirstBytesEndsWithThemAndLeavesTheOtherWhereItIs) {
  const std::vector<grpc::Slice> slices = CutIntoSlices("\x01\x02\xFF\x01", {1});
  SliceCursor cursor(slices);
  uint64_t value;
  ASSERT_TRUE(cursor.ReadVarint(value));
  SliceCursor first = cursor.First(2);
  EXPECT_EQ(first.position(), 1u);
  EXPECT_EQ(first.remaining(), 2u);
  ASSERT_TRUE(first.ReadVarint(value));
  EXPECT_EQ(value, 2u);
  EXPECT_FALSE(first.ReadVarint(value));  // it goes on behind the end
  EXPECT_FALSE(cursor.First(2).Skip(3));
  EXPECT_FALSE(cursor.First(0).ReadVarint(value));
  EXPECT_EQ(cursor.remaining(), 3u);
  ASSERT_TRUE(cursor.Skip(1));
  ASSERT_TRUE(cursor.ReadVarint(value));
  EXPECT_EQ(value, 255u);
}

TEST(SliceCursorTest, FieldsOfEveryWireTypeAreSkippedAndWrongOnesAreNot) {
  const std::vector<std::string> fields = {"\xFF\x01",
                                           "12345678",
                                           "\x03"
                                           "abc",
                                           "\x08\x01\x13\x14\x0C",
                                           "",
                                           "1234"};
  for (const uint32_t wire : {0u, 1u, 2u, 3u, 5u}) {
    const std::vector<grpc::Slice> slices = CutIntoSlices(fields[wire] + "!");
    SliceCursor cursor(slices);
    EXPECT_TRUE(cursor.SkipField(8 | wire)) << wire;
    EXPECT_EQ(cursor.remaining(), 1u) << wire;
  }
  for (const uint32_t wire : {4u, 6u, 7u}) {
    const std::vector<grpc::Slice> slices = CutIntoSlices("12345678");
    EXPECT_FALSE(SliceCursor(slices).SkipField(8 | wire)) << wire;
  }
}

}  // namespace
}  // namespace convoy::rpc
