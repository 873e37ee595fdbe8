#include "server/options/option_checks.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/host_port.h"

namespace convoy {
namespace {

constexpr double kMaxSeconds = 24 * 60 * 60;

}  // namespace

CLI::Validator Address() {
  return CLI::Validator(
      [](std::string& text) {
        constexpr absl::string_view kUnix = "unix:";
        if (absl::StartsWith(text, kUnix) && text.size() > kUnix.size()) return std::string();
        const absl::StatusOr<HostPort> address = ParseHostPort(text);
        return address.ok() ? std::string() : std::string(address.status().message());
      },
      "");
}

CLI::Validator Addresses() {
  return CLI::Validator(
      [](std::string& text) {
        for (const absl::string_view one : absl::StrSplit(text, ',')) {
          std::string address(one);
          std::string error = Address()(address);
          if (!error.empty()) return error;
        }
        return std::string();
      },
      "");
}

CLI::Validator NotEmpty() {
  return CLI::Validator(
      [](std::string& text) {
        return text.empty() ? std::string("expected names with commas between them")
                            : std::string();
      },
      "");
}

OptionRange WholeNumbers(int64_t least, int64_t most) {
  OptionRange range{.check = CLI::Range(least, most).description(""), .least = least};
  if (most < std::numeric_limits<int64_t>::max()) range.most = most;
  return range;
}

OptionRange OneOf(const std::vector<std::string>& choices) {
  return {.check = CLI::IsMember(choices), .choices = choices};
}

OptionRange Seconds(double least) {
  CLI::Validator check(
      [least](std::string& text) {
        double seconds = 0;
        // Written so that NaN fails.
        if (CLI::detail::lexical_cast(text, seconds) && seconds >= least &&
            seconds <= kMaxSeconds) {
          return std::string();
        }
        return absl::StrCat("expected ", least, " to ", kMaxSeconds, " seconds, got ", text);
      },
      "");
  return {.check = std::move(check), .least = least, .most = kMaxSeconds};
}

CLI::Validator ByteSize() {
  return CLI::Validator(
      [](std::string& text) {
        // The library reads 2^64 and more as 2^64 - 1.
        constexpr ptrdiff_t kMaxDigits = 18;
        const auto digits = std::count_if(text.begin(), text.end(), absl::ascii_isdigit);
        if (digits > kMaxDigits) return absl::StrCat(text, " is too large");
        return CLI::AsSizeValue(false)(text);
      },
      "");
}

std::string ByteText(int64_t bytes) {
  constexpr const char* kUnits[] = {"", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return absl::StrCat(bytes, kUnits[unit]);
}

}  // namespace convoy
