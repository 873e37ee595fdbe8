// How long work takes beside what was estimated.
#ifndef CONVOY_SERVER_BATCHING_SLOWDOWN_H_
#define CONVOY_SERVER_BATCHING_SLOWDOWN_H_

namespace convoy::batching {

// Estimates are those of an idle machine and of the computing alone; a server
// under load also receives, answers, refuses and shares its cores. The ratio of
// the time that batches took to their estimates, over the last tenth of a second
// of work, corrects what is told and promised to callers, and what is put to the layer's
// account. Not thread-safe.
class Slowdown {
 public:
  // A batch is done: seconds by the clock, callers' answers included. Returns how
  // much of `measured` is believed: a thread that stood still for a second has not
  // worked for it. What many batches in a row say is believed.
  double Record(double estimated, double measured);

  // Seconds that a second of estimated work takes; 1 before the first batch.
  double factor() const { return measured_ / estimated_; }

 private:
  static constexpr double kMemorySeconds = 0.1;

  static constexpr double kMostRatio = 10;

  double estimated_ = kMemorySeconds;
  double measured_ = kMemorySeconds;
  // One batch says no more than so many times what the last ones let expect.
  double most_ratio_ = kMostRatio;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SLOWDOWN_H_
