#include "server/base/utf8.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace convoy {

std::optional<char32_t> NextCodePoint(std::string_view& text) {
  const auto lead = static_cast<uint8_t>(text.front());
  const size_t length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : 4;
  if ((length == 4 && lead >> 3 != 0x1E) || text.size() < length) return std::nullopt;
  constexpr uint8_t kLeadBits[] = {0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = lead & kLeadBits[length - 1];
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if (next >> 6 != 0x2) return std::nullopt;
    point = point << 6 | (next & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kSmallest[length - 1] || point > 0x10FFFF || surrogate) return std::nullopt;
  text.remove_prefix(length);
  return point;
}

bool IsControl(char32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    std::string_view rest = text;
    const std::optional<char32_t> point = NextCodePoint(rest);
    const size_t length = point.has_value() ? text.size() - rest.size() : 1;
    if (point.has_value() && !IsControl(*point)) {
      printable.append(text.substr(0, length));
    } else {
      for (const char byte : text.substr(0, length)) {
        absl::StrAppend(&printable, "\\x", absl::Hex(static_cast<uint8_t>(byte), absl::kZeroPad2));
      }
    }
    text.remove_prefix(length);
  }
  return printable;
}

}  // namespace convoy
