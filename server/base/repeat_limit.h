// Log lines of which there may be very many.
#ifndef CONVOY_SERVER_BASE_REPEAT_LIMIT_H_
#define CONVOY_SERVER_BASE_REPEAT_LIMIT_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace convoy {

// One kind of line: so many are written in a period, and the others counted.
//
// Thread-safe. Time is an argument.
class RepeatLimit {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr uint64_t kLines = 10;
  static constexpr std::chrono::seconds kPeriod{10};

  // Whether a line may be written: then how many were left out since the last one.
  std::optional<uint64_t> Take(Clock::time_point now);

  // All that were left out in this process.
  static uint64_t LeftOut();

 private:
  std::atomic<Clock::rep> begun_{Clock::time_point::min().time_since_epoch().count() / 2};
  std::atomic<uint64_t> lines_{0};
  std::atomic<uint64_t> left_out_{0};
};

// " left_out=7" at the end of a line, or nothing.
std::string ShowLeftOut(uint64_t lines);

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_REPEAT_LIMIT_H_
