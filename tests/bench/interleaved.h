// Times several pieces of work side by side in one run.
//
// A shared machine's speed drifts by tens of per cent within seconds, so two
// figures compare only when their samples alternate. Each round runs every
// candidate once, in turn; the median over the rounds is quoted.
#ifndef CONVOY_TESTS_BENCH_INTERLEAVED_H_
#define CONVOY_TESTS_BENCH_INTERLEAVED_H_

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <functional>
#include <vector>

namespace convoy::bench {

// Processor time of the calling thread: on a shared machine it counts what the
// work costs, not how long others were in its way.
inline double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// REQUIRES: `work` runs on the calling thread alone.
inline double SecondsOf(const std::function<void()>& work, int repeats) {
  const double start = ThreadSeconds();
  for (int i = 0; i < repeats; ++i) work();
  return (ThreadSeconds() - start) / repeats;
}

inline double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Median seconds of one execution of each candidate, over `rounds` rounds of
// about `sample_seconds` a candidate.
inline std::vector<double> Interleave(const std::vector<std::function<void()>>& candidates,
                                      int rounds, double sample_seconds) {
  std::vector<int> repeats;
  for (const auto& candidate : candidates) {
    candidate();  // warm: primitives, caches, page faults
    const double once = std::max(SecondsOf(candidate, 3), 1e-9);
    repeats.push_back(std::max(1, static_cast<int>(sample_seconds / once)));
  }
  std::vector<std::vector<double>> samples(candidates.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < candidates.size(); ++i) {
      samples[i].push_back(SecondsOf(candidates[i], repeats[i]));
    }
  }
  std::vector<double> medians;
  for (auto& sample : samples) medians.push_back(Median(std::move(sample)));
  return medians;
}

}  // namespace convoy::bench

#endif  // CONVOY_TESTS_BENCH_INTERLEAVED_H_
