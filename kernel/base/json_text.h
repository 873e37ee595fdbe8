// JSON as text, whatever its strings hold.
#ifndef CONVOY_KERNEL_BASE_JSON_TEXT_H_
#define CONVOY_KERNEL_BASE_JSON_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"

namespace convoy {

// In one line. `Json` is nlohmann::json or ordered_json. Bytes that are not UTF-8 are
// replaced; with `ascii` everything beyond ASCII is escaped.
template <typename Json>
std::string JsonText(const Json& json, bool ascii = false) {
  return json.dump(-1, ' ', ascii, Json::error_handler_t::replace);
}

// For a message: its beginning, in ASCII.
template <typename Json>
std::string ShownJson(const Json& json) {
  constexpr size_t kShown = 100;
  const std::string text = JsonText(json, /*ascii=*/true);
  return text.size() <= kShown ? text : absl::StrCat(text.substr(0, kShown), "...");
}

}  // namespace convoy

#endif  // CONVOY_KERNEL_BASE_JSON_TEXT_H_
