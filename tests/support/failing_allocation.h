// Memory that runs out when a test says so. For binaries that link failing_allocation.cc,
// which replaces operator new.
#ifndef CONVOY_TESTS_SUPPORT_FAILING_ALLOCATION_H_
#define CONVOY_TESTS_SUPPORT_FAILING_ALLOCATION_H_

#include <cstddef>
#include <cstdint>

namespace convoy::testing {

// While it lives, the `nth` allocation of the thread that made it, counted from 0 among
// those of at least `least_bytes`, throws std::bad_alloc; the others succeed.
class FailingAllocation {
 public:
  explicit FailingAllocation(int64_t nth, size_t least_bytes = 0);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether there were so many that it came to that.
  bool failed() const;
};

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_SUPPORT_FAILING_ALLOCATION_H_
