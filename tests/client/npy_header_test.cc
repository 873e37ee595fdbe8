#include "client/npy_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace convoy::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string WithDescr(const std::string& descr) {
  return absl::StrCat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (2,), }");
}

std::string WithShape(const std::string& shape) {
  return absl::StrCat("{'descr': '<f4', 'fortran_order': False, 'shape': ", shape, "}");
}

std::string Refusal(const std::string& text) {
  return std::string(ParseNpyHeader(text).status().message());
}

TEST(NpyHeader, NumpysOwnTextIsRead) {
  const auto header =
      ParseNpyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 20, 3), }    \n");
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->dtype, DType::kFp32);
  EXPECT_FALSE(header->big_endian);
  EXPECT_FALSE(header->fortran_order);
  EXPECT_THAT(header->shape, ElementsAre(1, 20, 3));
}

TEST(NpyHeader, KeyOrderQuotesAndSpacesDoNotMatter) {
  const auto header =
      ParseNpyHeader(R"( { "shape":(4L,5L) , "descr" : ">i2","fortran_order":True})");
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->dtype, DType::kInt16);
  EXPECT_TRUE(header->big_endian);
  EXPECT_TRUE(header->fortran_order);
  EXPECT_THAT(header->shape, ElementsAre(4, 5));
}

TEST(NpyHeader, ScalarAndEmptyShapesAreRead) {
  EXPECT_THAT(ParseNpyHeader(WithShape("()"))->shape, ElementsAre());
  EXPECT_THAT(ParseNpyHeader(WithShape("(0,)"))->shape, ElementsAre(0));
}

TEST(NpyHeader, EveryNumericTypeIsReadAndWritten) {
  for (const char* descr :
       {"|b1", "|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8"}) {
    const auto header = ParseNpyHeader(WithDescr(descr));
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(*FormatNpyHeader(*header), WithDescr(descr));
  }
}

TEST(NpyHeader, OtherElementTypesAreNamedInTheRefusal) {
  for (const char* descr : {"<c8", "|O", "<U5", "<M8[ns]", "|V2", "f", "", "<"}) {
    EXPECT_THAT(Refusal(WithDescr(descr)), HasSubstr(absl::StrCat("got \"", descr, "\"")));
  }
  EXPECT_THAT(Refusal("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
              HasSubstr("not a structure"));
}

TEST(NpyHeader, SizesAreBoundedByTheirProductInBytes) {
  EXPECT_TRUE(ParseNpyHeader(WithShape("(2305843009213693951,)")).ok());
  EXPECT_THAT(Refusal(WithShape("(2305843009213693952,)")), HasSubstr("2^63"));
  EXPECT_THAT(Refusal(WithShape("(9223372036854775808,)")), HasSubstr("below 2^63"));
  EXPECT_THAT(Refusal(WithShape("(-1,)")), HasSubstr("an integer"));
}

TEST(NpyHeader, RankIsBounded) {
  std::string sizes;
  for (int i = 0; i < 64; ++i) absl::StrAppend(&sizes, "1,");
  EXPECT_TRUE(ParseNpyHeader(WithShape(absl::StrCat("(", sizes, ")"))).ok());
  EXPECT_THAT(Refusal(WithShape(absl::StrCat("(", sizes, "1)"))), HasSubstr("at most 64"));
}

TEST(NpyHeader, MissingDoubledAndUnknownKeysAreRefused) {
  EXPECT_THAT(Refusal("{'descr': '<f4', 'shape': (1,)}"), HasSubstr("the keys"));
  EXPECT_THAT(Refusal("{'descr': '<f4', 'descr': '<f4'}"), HasSubstr("each once"));
  EXPECT_THAT(Refusal("{'order': 'C'}"), HasSubstr("each once"));
}

TEST(NpyHeader, EveryTruncationIsRefused) {
  const std::string text = WithShape("(12, 3)");
  ASSERT_TRUE(ParseNpyHeader(text).ok());
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseNpyHeader(text.substr(0, size)).ok()) << text.substr(0, size);
  }
}

TEST(NpyHeader, TextAfterTheDictIsRefused) {
  EXPECT_THAT(Refusal(WithShape("(1,)") + " x"), HasSubstr("nothing after"));
}

TEST(NpyHeader, BinaryGarbageIsShownEscaped) {
  EXPECT_THAT(Refusal(std::string("\x01\x02", 2)), HasSubstr("\\x01\\x02"));
}

TEST(NpyHeader, BrainFloatHasNoName) {
  EXPECT_FALSE(FormatNpyHeader({DType::kBf16, false, false, {1}}).ok());
}

}  // namespace
}  // namespace convoy::client
