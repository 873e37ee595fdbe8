// When to look at everything although nobody told of a change.
#ifndef CONVOY_SERVER_LOADING_POLL_SCHEDULE_H_
#define CONVOY_SERVER_LOADING_POLL_SCHEDULE_H_

#include <algorithm>
#include <chrono>

namespace convoy::loading {

// Every 30 s where the system tells of changes, every second where it does not; and
// never so often that looking takes more than a hundredth of one core.
class PollSchedule {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr Clock::duration kToldInterval = std::chrono::seconds(30);
  static constexpr Clock::duration kSilentInterval = std::chrono::seconds(1);
  static constexpr int kCostFactor = 100;

  // A look at everything ended `now` and took so much processor time.
  void Looked(Clock::time_point now, Clock::duration cost) {
    looked_ = now;
    cost_ = cost;
  }

  Clock::time_point Next(bool told) const {
    return looked_ + std::max(told ? kToldInterval : kSilentInterval, kCostFactor * cost_);
  }

 private:
  Clock::time_point looked_;
  Clock::duration cost_{0};
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_POLL_SCHEDULE_H_
