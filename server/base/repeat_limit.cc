#include "server/base/repeat_limit.h"

namespace convoy {
namespace {

std::atomic<uint64_t>& AllLeftOut() {
  static std::atomic<uint64_t> left_out{0};
  return left_out;
}

}  // namespace

std::optional<uint64_t> RepeatLimit::Take(Clock::time_point now) {
  const Clock::rep time = now.time_since_epoch().count();
  Clock::rep begun = begun_.load();
  // Whoever of several comes first begins the period; a line more or less is no harm.
  if (time - begun >= Clock::duration(kPeriod).count() &&
      begun_.compare_exchange_strong(begun, time)) {
    lines_ = 0;
  }
  if (lines_.fetch_add(1) < kLines) return left_out_.exchange(0);
  ++left_out_;
  ++AllLeftOut();
  return std::nullopt;
}

std::string ShowLeftOut(uint64_t lines) {
  return lines == 0 ? "" : " left_out=" + std::to_string(lines);
}

uint64_t RepeatLimit::LeftOut() { return AllLeftOut().load(); }

}  // namespace convoy
