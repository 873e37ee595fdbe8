#include "kernel/batch/payload_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace convoy::batch {
namespace {

using ::testing::ElementsAreArray;

class PayloadCursorTest : public ::testing::Test {
 protected:
  PayloadCursorTest() : bytes_(64) {
    for (size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = static_cast<std::byte>(i);
  }

  // The 64 bytes cut into pieces of these lengths.
  std::vector<Bytes> Cut(const std::vector<size_t>& lengths) const {
    std::vector<Bytes> pieces;
    size_t begin = 0;
    for (size_t length : lengths) {
      pieces.emplace_back(bytes_.data() + begin, length);
      begin += length;
    }
    EXPECT_EQ(begin, bytes_.size());
    return pieces;
  }

  static std::vector<std::byte> Read(PayloadCursor& cursor, size_t bytes) {
    std::vector<std::byte> target(bytes);
    cursor.Read(target.data(), bytes);
    return target;
  }

  Bytes Slice(size_t begin, size_t length) const {
    return absl::MakeConstSpan(bytes_).subspan(begin, length);
  }

  // Moves `step` bytes on in one of four ways and appends what it passes to
  // `seen`; nothing where the bytes do not lie in one piece.
  void Advance(PayloadCursor& cursor, unsigned way, size_t step, std::vector<std::byte>& seen) {
    std::vector<Bytes> passed;
    std::vector<std::byte> copy;
    if (way == 0) {
      copy = Read(cursor, step);
      passed.emplace_back(copy);
    } else if (way == 1) {
      cursor.Skip(step);
      passed.push_back(Slice(seen.size(), step));
    } else if (way == 2) {
      cursor.Take(step, passed);
    } else if (const std::byte* in_place = cursor.Contiguous(step, 1)) {
      passed.emplace_back(in_place, step);
    }
    for (const Bytes& piece : passed) seen.insert(seen.end(), piece.begin(), piece.end());
  }

  // Aligned as operator new aligns, more than any element.
  std::vector<std::byte> bytes_;
};

TEST_F(PayloadCursorTest, ReadsAcrossPiecesThatSplitAnElement) {
  const auto pieces = Cut({5, 58, 1});
  PayloadCursor cursor(pieces);
  EXPECT_THAT(Read(cursor, 4), ElementsAreArray(Slice(0, 4)));
  EXPECT_THAT(Read(cursor, 4), ElementsAreArray(Slice(4, 4)));
  EXPECT_THAT(Read(cursor, 56), ElementsAreArray(Slice(8, 56)));
}

TEST_F(PayloadCursorTest, EmptyPiecesAnywhereAreStepsOnTheWay) {
  const auto pieces = Cut({0, 0, 30, 0, 34, 0});
  PayloadCursor cursor(pieces);
  EXPECT_THAT(Read(cursor, 29), ElementsAreArray(Slice(0, 29)));
  EXPECT_THAT(Read(cursor, 35), ElementsAreArray(Slice(29, 35)));
}

TEST_F(PayloadCursorTest, ReadingNothingNeedsNoPieces) {
  PayloadCursor cursor({});
  cursor.Read(nullptr, 0);
  cursor.Skip(0);
  std::vector<Bytes> taken;
  cursor.Take(0, taken);
  EXPECT_TRUE(taken.empty());
}

TEST_F(PayloadCursorTest, SkipPassesOverPieces) {
  const auto pieces = Cut({10, 0, 10, 44});
  PayloadCursor cursor(pieces);
  cursor.Skip(9);
  cursor.Skip(12);
  EXPECT_THAT(Read(cursor, 2), ElementsAreArray(Slice(21, 2)));
}

TEST_F(PayloadCursorTest, TakeGivesThePiecesInPlaceAndCutsTheLastOne) {
  const auto pieces = Cut({10, 20, 34});
  PayloadCursor cursor(pieces);
  cursor.Skip(4);
  std::vector<Bytes> taken;
  cursor.Take(30, taken);
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].data(), bytes_.data() + 4);
  EXPECT_EQ(taken[0].size(), 6u);
  EXPECT_EQ(taken[1].size(), 20u);
  EXPECT_EQ(taken[2].data(), bytes_.data() + 30);
  EXPECT_EQ(taken[2].size(), 4u);
  EXPECT_THAT(Read(cursor, 30), ElementsAreArray(Slice(34, 30)));
}

TEST_F(PayloadCursorTest, ContiguousNeedsOnePieceWithAllTheBytes) {
  const auto pieces = Cut({16, 48});
  // One byte less than the piece, exactly the piece, one byte more.
  EXPECT_EQ(PayloadCursor(pieces).Contiguous(15, 4), bytes_.data());
  EXPECT_EQ(PayloadCursor(pieces).Contiguous(16, 4), bytes_.data());
  EXPECT_EQ(PayloadCursor(pieces).Contiguous(17, 4), nullptr);
}

TEST_F(PayloadCursorTest, ContiguousNeedsAlignedBytes) {
  const auto pieces = Cut({64});
  PayloadCursor cursor(pieces);
  cursor.Skip(2);
  EXPECT_EQ(cursor.Contiguous(4, 4), nullptr);
  EXPECT_EQ(cursor.Contiguous(4, 2), bytes_.data() + 2);
}

TEST_F(PayloadCursorTest, ContiguousMovesOnOnlyWhenItSucceeds) {
  const auto pieces = Cut({16, 0, 48});
  PayloadCursor cursor(pieces);
  EXPECT_EQ(cursor.Contiguous(20, 4), nullptr);
  EXPECT_EQ(cursor.Contiguous(16, 4), bytes_.data());
  EXPECT_EQ(cursor.Contiguous(8, 4), bytes_.data() + 16);
  EXPECT_THAT(Read(cursor, 40), ElementsAreArray(Slice(24, 40)));
}

// Any cuts, any mix of the ways to move on: the bytes come in order.
TEST_F(PayloadCursorTest, TheBytesComeInOrderWhateverTheCuts) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<size_t> lengths;
    for (size_t left = bytes_.size(); left > 0; left -= lengths.back()) {
      lengths.push_back(std::min<size_t>(left, random() % 12));
    }
    const auto pieces = Cut(lengths);
    PayloadCursor cursor(pieces);
    std::vector<std::byte> seen;
    while (seen.size() < bytes_.size()) {
      const size_t step = std::min<size_t>(bytes_.size() - seen.size(), 1 + random() % 9);
      Advance(cursor, random() % 4, step, seen);
    }
    ASSERT_EQ(seen, bytes_);
  }
}

}  // namespace
}  // namespace convoy::batch
