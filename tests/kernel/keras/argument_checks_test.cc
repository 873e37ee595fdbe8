#include "kernel/keras/argument_checks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace convoy::keras {
namespace {

using nlohmann::json;

std::string TupleError(const char* value) {
  return std::string(CheckTuple("kernel_size", json::parse(value)).status().message());
}

TEST(ArgumentChecksTest, ATupleIsAPositiveIntegerAloneOrInAListOfOne) {
  EXPECT_EQ(*CheckTuple("strides", json::parse("3")), 3);
  EXPECT_EQ(*CheckTuple("strides", json::parse("[4]")), 4);
  EXPECT_EQ(*CheckTuple("strides", json::parse("true")), 1);
}

TEST(ArgumentChecksTest, ABadTupleIsRefusedInKerasWords) {
  const std::string start = "The `kernel_size` argument must be a tuple of 1 integers. ";
  EXPECT_EQ(TupleError("3.0"), start + "Received kernel_size=3.0");
  EXPECT_EQ(TupleError("[3, 3]"), start + "Received kernel_size=[3, 3]");
  EXPECT_EQ(TupleError("null"), start + "Received kernel_size=None");
  EXPECT_EQ(TupleError("[\"a\"]"),
            start + "Received kernel_size=['a']including element a of type <class 'str'>");
  EXPECT_EQ(TupleError("0"),
            start + "Received kernel_size=0, including values {0} that do not satisfy `value > 0`");
  EXPECT_EQ(
      TupleError("[-2]"),
      start + "Received kernel_size=[-2], including values {-2} that do not satisfy `value > 0`");
  EXPECT_EQ(TupleError("\"3\""), "'<=' not supported between instances of 'str' and 'int'");
}

TEST(ArgumentChecksTest, SizesThatAreNotIntegersFailLikeAKernelShape) {
  EXPECT_EQ(*CheckIntegerSize("filters", 7), 7);
  EXPECT_EQ(*CheckIntegerSize("strides", json::parse("[2]")), 2);
  EXPECT_FALSE(CheckIntegerSize("filters", 4.0).ok());
  EXPECT_FALSE(CheckIntegerSize("filters", nullptr).ok());
  EXPECT_FALSE(CheckIntegerSize("filters", json::parse("18446744073709551615")).ok());
}

TEST(ArgumentChecksTest, PaddingComesInAnyCaseAndIsNotTrimmed) {
  EXPECT_EQ(CheckPadding("SAME")->mode, layer::PaddingMode::kSame);
  EXPECT_EQ(CheckPadding("Causal")->mode, layer::PaddingMode::kCausal);
  EXPECT_EQ(CheckPadding(" same").status().message(),
            "The `padding` argument must be a list/tuple or one of "
            "{'valid', 'same', 'causal'}. Received:  same");
  EXPECT_FALSE(CheckPadding(nullptr).ok());
  EXPECT_FALSE(CheckPadding(1).ok());
}

TEST(ArgumentChecksTest, ExplicitPaddingIsTwoCounts) {
  const auto padding = CheckExplicitPadding(json::parse("[2, 5]"));
  ASSERT_TRUE(padding.ok());
  EXPECT_EQ(padding->mode, layer::PaddingMode::kExplicit);
  EXPECT_EQ(padding->left, 2);
  EXPECT_EQ(padding->right, 5);
  for (const char* bad : {"[]", "[1]", "[1, 2, 3]", "[-1, 1]", "[1.0, 1]", "[\"same\", 1]"}) {
    EXPECT_FALSE(CheckExplicitPadding(json::parse(bad)).ok()) << bad;
  }
}

TEST(ArgumentChecksTest, DataFormatComesInAnyCaseAndNullIsChannelsLast) {
  EXPECT_EQ(*CheckDataFormat(nullptr), layer::DataFormat::kChannelsLast);
  EXPECT_EQ(*CheckDataFormat("Channels_First"), layer::DataFormat::kChannelsFirst);
  EXPECT_EQ(CheckDataFormat("NWC").status().message(),
            "The `data_format` argument must be one of {'channels_first', 'channels_last'}. "
            "Received: data_format=nwc");
}

TEST(ArgumentChecksTest, FiltersComeBeforeGroupsBeforeDivisibility) {
  EXPECT_EQ(CheckFiltersAndGroups(0, 0).message(),
            "Invalid value for argument `filters`. Expected a strictly positive value. "
            "Received filters=0.");
  EXPECT_EQ(CheckFiltersAndGroups(4, -1).message(),
            "The number of groups must be a positive integer. Received: groups=-1.");
  EXPECT_EQ(CheckFiltersAndGroups(4, 3).message(),
            "The number of filters must be evenly divisible by the number of groups. "
            "Received: groups=3, filters=4.");
  EXPECT_TRUE(CheckFiltersAndGroups(nullptr, 3).ok());
  EXPECT_FALSE(CheckFiltersAndGroups(4, nullptr).ok());
}

TEST(ArgumentChecksTest, FiltersAndGroupsBeyond64BitsAreRefusedBeforeTheyAreDivided) {
  const uint64_t two_to_63 = uint64_t{1} << 63;
  EXPECT_EQ(CheckFiltersAndGroups(two_to_63, UINT64_MAX).message(),
            "Invalid value for argument `filters`. Expected a number below 2^63. "
            "Received filters=9223372036854775808.");
  EXPECT_EQ(CheckFiltersAndGroups(4, UINT64_MAX).message(),
            "Invalid value for argument `groups`. Expected a number below 2^63. "
            "Received groups=18446744073709551615.");
  EXPECT_FALSE(CheckFiltersAndGroups(two_to_63, 1.0).ok());
  EXPECT_FALSE(CheckFiltersAndGroups(nullptr, UINT64_MAX).ok());
  EXPECT_TRUE(CheckFiltersAndGroups(INT64_MAX, INT64_MAX).ok());
}

TEST(ArgumentChecksTest, AHugePaddingIsRefused) {
  EXPECT_TRUE(CheckExplicitPadding(json::parse("[2147483647, 0]")).ok());
  EXPECT_FALSE(CheckExplicitPadding(json::parse("[0, 2147483648]")).ok());
}

TEST(ArgumentChecksTest, NameAndTrainableAreStrict) {
  EXPECT_EQ(*CheckName(nullptr), "conv1d");
  EXPECT_EQ(CheckName("a/b").status().message(),
            "Argument `name` must be a string and cannot contain character `/`. "
            "Received: name=a/b (of type <class 'str'>)");
  EXPECT_TRUE(CheckName(std::string(1024, 'a')).ok());
  EXPECT_FALSE(CheckName(std::string(1025, 'a')).ok());
  EXPECT_EQ(CheckTrainable(1).status().message(),
            "Expected `trainable` to be a boolean. Received: trainable=1 (of type <class 'int'>)");
}

TEST(ArgumentChecksTest, TruthIsPythons) {
  for (const char* value : {"1", "\"no\"", "[0]", "0.5", "true"}) {
    EXPECT_TRUE(PythonTruth(json::parse(value))) << value;
  }
  for (const char* value : {"0", "\"\"", "[]", "{}", "0.0", "false", "null"}) {
    EXPECT_FALSE(PythonTruth(json::parse(value))) << value;
  }
}

}  // namespace
}  // namespace convoy::keras
