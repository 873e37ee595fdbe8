// How long work takes beside what was estimated.
#ifndef CONVOY_SERVER_BATCHING_SLOWDOWN_H_
#define CONVOY_SERVER_BATCHING_SLOWDOWN_H_

namespace convoy::batching {

// Estimates are those of an idle machine and of the computing alone; a server
// under load also receives, answers, refuses and shares its cores. The ratio of
// the time that batches took to their estimates, over the last tenth of a second
// of work, corrects what is told and promised to callers. Not thread-safe.
class Slowdown {
 public:
  // A batch is done: seconds by the clock, callers' answers included.
  void Record(double estimated, double measured);

  // Seconds that a second of estimated work takes; 1 before the first batch.
  double factor() const { return measured_ / estimated_; }

 private:
  static constexpr double kMemorySeconds = 0.1;

  double estimated_ = kMemorySeconds;
  double measured_ = kMemorySeconds;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SLOWDOWN_H_
