#include "server/access/secret_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace convoy::access {
namespace {

// FIPS 180-2, appendix B.
constexpr char kSumOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(SecretHashTest, IsSha256) {
  EXPECT_EQ(ParseSecretHash(kSumOfAbc), HashSecret("abc"));
  EXPECT_EQ(HashSecret("abc"), HashSecret("abc")) << "nothing is left of the first";
}

TEST(SecretHashTest, DiffersWithAnyBit) {
  const SecretHash hash = HashSecret("abc");
  EXPECT_TRUE(IsSame(hash, HashSecret("abc")));
  for (size_t i = 0; i < 8 * hash.size(); ++i) {
    SecretHash other = hash;
    other[i / 8] ^= static_cast<unsigned char>(1 << (i % 8));
    EXPECT_FALSE(IsSame(hash, other)) << i;
  }
}

TEST(SecretHashTest, IsReadFrom64DigitsOnly) {
  const std::string digits = kSumOfAbc;
  EXPECT_EQ(ParseSecretHash(digits.substr(1)), std::nullopt);
  EXPECT_EQ(ParseSecretHash(digits + "00"), std::nullopt);
  EXPECT_EQ(ParseSecretHash("g" + digits.substr(1)), std::nullopt);
  EXPECT_EQ(ParseSecretHash(digits.substr(1) + "g"), std::nullopt);
  EXPECT_EQ(ParseSecretHash("-" + digits.substr(1)), std::nullopt);
  EXPECT_EQ(ParseSecretHash(" " + digits.substr(1)), std::nullopt);
  EXPECT_EQ(ParseSecretHash(""), std::nullopt);
}

}  // namespace
}  // namespace convoy::access
