// Text that may come from anywhere.
#ifndef CONVOY_SERVER_BASE_UTF8_H_
#define CONVOY_SERVER_BASE_UTF8_H_

#include <optional>
#include <string>
#include <string_view>

namespace convoy {

// Takes one code point off the front of `text`. Nothing, and `text` as it was, when
// it is not UTF-8 in its shortest form, or a surrogate.
// REQUIRES: `text` is not empty.
std::optional<char32_t> NextCodePoint(std::string_view& text);

// Of C0, C1, or delete.
bool IsControl(char32_t point);

// `text` as valid UTF-8 without control characters: each byte of one, and each byte
// that is not UTF-8, is written as "\xff". Messages are strings of the protocol, and
// one that is not UTF-8 would spoil the whole answer.
std::string Printable(std::string_view text);

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_UTF8_H_
