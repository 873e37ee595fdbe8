#include "server/status/words.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace convoy::status {
namespace {

// With so many digits that two or three are significant.
std::string Digits(double value) {
  if (value >= 999.5) return Count(static_cast<uint64_t>(std::llround(value)));
  if (value >= 9.95) return absl::StrFormat("%.0f", value);
  if (value >= 0.995) return absl::StrFormat("%.1f", value);
  return absl::StrFormat("%.2f", value);
}

}  // namespace

std::string Count(uint64_t count) {
  std::string text = absl::StrCat(count);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string Rate(double per_second) { return per_second <= 0 ? "0" : Digits(per_second); }

std::string Percent(double share) {
  const double percent = 100 * share;
  if (percent <= 0) return "0 %";
  if (percent < 0.1) return "under 0.1 %";
  return absl::StrFormat("%.*f %%", percent < 9.95 ? 1 : 0, percent);
}

std::string Duration(double seconds) {
  if (seconds >= 0.9995) return absl::StrCat(Digits(seconds), " s");
  return absl::StrCat(Digits(seconds * 1e3), " ms");
}

std::string Counted(uint64_t count, std::string_view noun) {
  return absl::StrCat(Count(count), " ", std::string(noun), count == 1 ? "" : "s");
}

}  // namespace convoy::status
