#include "server/base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace convoy {
namespace {

TEST(Utf8Test, TakesOneCodePointOfAnyLength) {
  std::string_view text = "a\xC3\x9C\xE6\xB3\xA2\xF0\x9F\x9A\x9A";
  EXPECT_EQ(NextCodePoint(text), U'a');
  EXPECT_EQ(NextCodePoint(text), U'\u00DC');
  EXPECT_EQ(NextCodePoint(text), U'\u6CE2');
  EXPECT_EQ(NextCodePoint(text), U'\U0001F69A');
  EXPECT_TRUE(text.empty());
}

TEST(Utf8Test, TakesNothingOfWhatIsNotUtf8) {
  for (const std::string_view bytes : {"\xFF", "\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF",
                                       "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\xB3g"}) {
    std::string_view text = bytes;
    EXPECT_EQ(NextCodePoint(text), std::nullopt);
    EXPECT_EQ(text, bytes);
  }
}

TEST(Utf8Test, PrintableTextStaysAsItIs) {
  for (const std::string text : {"", "conv 1",
                                 "\xC3\x9C"
                                 "ber \xE6\xB3\xA2",
                                 "a\\b \"c\""}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(Utf8Test, OtherBytesAreEscapedOneByOne) {
  EXPECT_EQ(Printable("caf\xE9"), "caf\\xe9");
  EXPECT_EQ(Printable("\xE6\xB3"), "\\xe6\\xb3");  // cut off
  EXPECT_EQ(Printable("\xFF\xC3\x9C"), "\\xff\xC3\x9C");
  EXPECT_EQ(Printable("a\nb\x7F\xC2\x85"), "a\\x0ab\\x7f\\xc2\\x85");
}

}  // namespace
}  // namespace convoy
