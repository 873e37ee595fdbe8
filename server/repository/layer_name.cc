#include "server/repository/layer_name.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"

namespace convoy::repository {
namespace {

constexpr size_t kMaxNameBytes = 255;

}  // namespace

absl::Status CheckLayerName(std::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("layer name: is empty");
  if (name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("layer name: expected at most ", kMaxNameBytes, " bytes, got ", name.size()));
  }
  if (name.front() == '.') return absl::InvalidArgumentError("layer name: begins with '.'");
  while (!name.empty()) {
    const std::optional<char32_t> point = NextCodePoint(name);
    if (!point) return absl::InvalidArgumentError("layer name: is not UTF-8");
    if (*point == '/') return absl::InvalidArgumentError("layer name: contains '/'");
    if (IsControl(*point)) {
      return absl::InvalidArgumentError("layer name: contains a control character");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNewLayerName(std::string_view name) {
  constexpr size_t kMostBytes = 63;
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool good = !name.empty() && name.size() <= kMostBytes && is_plain(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return is_plain(c) || c == '.' || c == '_' || c == '-';
                    });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "layer name: expected [a-z0-9][a-z0-9._-]{0,62}, got \"", Printable(name), "\""));
}

}  // namespace convoy::repository
