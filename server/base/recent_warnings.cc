#include "server/base/recent_warnings.h"

#include <spdlog/details/log_msg.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace convoy {
namespace {

// At most kMaxMessageBytes, not in the middle of a character of UTF-8.
std::string_view Cut(std::string_view message) {
  if (message.size() <= RecentWarnings::kMaxMessageBytes) return message;
  size_t end = RecentWarnings::kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return message.substr(0, end);
}

std::string_view KindOf(std::string_view message) { return message.substr(0, message.find('=')); }

}  // namespace

const std::shared_ptr<RecentWarnings>& RecentWarnings::OfThisProcess() {
  static const auto& warnings =
      *new std::shared_ptr<RecentWarnings>(std::make_shared<RecentWarnings>());
  return warnings;
}

std::vector<LoggedWarning> RecentWarnings::Latest() {
  const std::lock_guard lock(mutex_);
  return {warnings_.begin(), warnings_.end()};
}

void RecentWarnings::sink_it_(const spdlog::details::log_msg& message) {
  const std::string_view text = Cut({message.payload.data(), message.payload.size()});
  const char* const level = message.level == spdlog::level::warn ? "warn" : "error";
  const auto same =
      std::find_if(warnings_.begin(), warnings_.end(), [&](const LoggedWarning& warning) {
        return warning.message == text && warning.level == level;
      });
  if (same != warnings_.end()) {
    ++same->count;
    same->time = message.time;
    warnings_.splice(warnings_.begin(), warnings_, same);
    return;
  }
  warnings_.push_front({.time = message.time, .level = level, .message = std::string(text)});
  int of_kind = 0;
  const auto oldest = std::find_if(warnings_.begin(), warnings_.end(), [&](const auto& warning) {
    return KindOf(warning.message) == KindOf(text) && ++of_kind > kMaxOfKind;
  });
  if (oldest != warnings_.end()) warnings_.erase(oldest);
  if (warnings_.size() > kMaxWarnings) warnings_.pop_back();
}

}  // namespace convoy
