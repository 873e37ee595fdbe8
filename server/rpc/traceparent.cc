#include "server/rpc/traceparent.h"

#include <algorithm>
#include <cstddef>

namespace convoy::rpc {
namespace {

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<Traceparent> ParseTraceparent(std::string_view text) {
  constexpr size_t kBytes = 55;  // of version 0; later ones may go on after a further dash
  if (text.size() < kBytes || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return std::nullopt;
  }
  const std::string_view version = text.substr(0, 2);
  if (!IsHex(version) || version == "ff" || !IsHex(text.substr(53, 2))) return std::nullopt;
  if (text.size() > kBytes && (version == "00" || text[kBytes] != '-')) return std::nullopt;
  const Traceparent parsed{text.substr(3, 32), text.substr(36, 16)};
  if (!IsId(parsed.trace_id) || !IsId(parsed.parent_id)) return std::nullopt;
  return parsed;
}

}  // namespace convoy::rpc
