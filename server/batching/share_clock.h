// How much work each of those that share something has received.
#ifndef CONVOY_SERVER_BATCHING_SHARE_CLOCK_H_
#define CONVOY_SERVER_BATCHING_SHARE_CLOCK_H_

#include <algorithm>

namespace convoy::batching {

// One who takes part again and again: a layer.
struct Share {
  double received = 0;  // seconds of work
  double last = 0;      // of these, the latest
};

// The one who received least is next. The clock says how far all are: it is that of
// the least served of those for whom there was something to do, and never goes back.
//
// Who had nothing to do for a while comes back near the clock, whatever happened
// before: at most kCreditSeconds behind it, so it is next but has saved up little;
// and at most as much ahead of it, beside what it received last. So its wait is
// bounded by these figures and by how many share, not by the past.
class ShareClock {
 public:
  // What one may catch up after it was idle. Callers who wait for their answers
  // leave their layer idle in between and would lose its turn each time; more would
  // hold up the others.
  static constexpr double kCreditSeconds = 4e-3;

  double now() const { return now_; }

  // REQUIRES: of those for whom there is something to do none received less.
  void Advance(double least_received) { now_ = std::max(now_, least_received); }

  // Where one who comes back stands.
  double PlaceOf(const Share& share) const {
    return std::clamp(share.received, now_ - kCreditSeconds, now_ + kCreditSeconds + share.last);
  }

 private:
  double now_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SHARE_CLOCK_H_
