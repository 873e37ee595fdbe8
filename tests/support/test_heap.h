// A heap that counts, and that runs out when a test says so. For binaries that link
// test_heap.cc, which replaces operator new.
#ifndef CONVOY_TESTS_SUPPORT_TEST_HEAP_H_
#define CONVOY_TESTS_SUPPORT_TEST_HEAP_H_

#include <cstddef>
#include <cstdint>

namespace convoy::testing {

// While it lives, the `nth` allocation of the thread that made it, counted from 0 among
// those of at least `least_bytes`, throws std::bad_alloc, and so do the `failures` - 1
// after it; the others succeed.
class FailingAllocation {
 public:
  explicit FailingAllocation(int64_t nth, size_t least_bytes = 0, int64_t failures = 1);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether there were so many that it came to that.
  bool failed() const;
};

// Begins to count anew: bytes allocated from now on, less those freed, of all threads.
void StartCountingHeap();
// The most since then at any one time.
int64_t PeakHeapBytes();

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_SUPPORT_TEST_HEAP_H_
