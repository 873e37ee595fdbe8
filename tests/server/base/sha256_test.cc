#include "server/base/sha256.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace convoy {
namespace {

// The examples of FIPS 180-2, appendix B.
TEST(Sha256Test, GivesTheKnownSums) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256Test, PiecesGiveTheSumOfTheWhole) {
  Sha256 sum;
  sum.Update("a");
  EXPECT_EQ(sum.Hex(), Sha256Hex("a"));
  sum.Update("");
  sum.Update("bc");
  Sha256 moved = std::move(sum);
  EXPECT_EQ(moved.Hex(), Sha256Hex("abc"));
  EXPECT_EQ(moved.Bytes().size(), 32u);
  EXPECT_EQ(moved.Bytes().substr(0, 4), "\xba\x78\x16\xbf");
}

}  // namespace
}  // namespace convoy
