// Callers' text in a message.
#ifndef CONVOY_SERVER_RPC_QUOTED_H_
#define CONVOY_SERVER_RPC_QUOTED_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace convoy::rpc {

// Quoted and short. UTF-8 stays UTF-8.
inline std::string Quoted(std::string_view text) {
  constexpr size_t kMaxBytes = 64;
  size_t end = text.size();
  if (end > kMaxBytes) {
    end = kMaxBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  }
  const char* rest = end < text.size() ? "..." : "";
  return absl::StrCat("\"", absl::string_view(text.data(), end), rest, "\"");
}

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_QUOTED_H_
