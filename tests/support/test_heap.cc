#include "tests/support/test_heap.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace convoy::testing {
namespace {

thread_local int64_t left = 0;      // allocations until the first one that fails
thread_local int64_t failures = 0;  // that are to come
thread_local size_t counted_from = 0;
thread_local bool has_failed = false;

std::atomic<int64_t> live = 0;
std::atomic<int64_t> peak = 0;

bool Fails(size_t bytes) {
  if (failures == 0 || bytes < counted_from || left-- > 0) return false;
  --failures;
  has_failed = true;
  return true;
}

void* Allocate(size_t bytes, size_t alignment) {
  if (Fails(bytes)) throw std::bad_alloc();
  const size_t rounded = (bytes + alignment) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  const int64_t now = live += static_cast<int64_t>(malloc_usable_size(memory));
  for (int64_t seen = peak; seen < now && !peak.compare_exchange_weak(seen, now);) {
  }
  return memory;
}

void Free(void* memory) {
  if (memory == nullptr) return;
  live -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

FailingAllocation::FailingAllocation(int64_t nth, size_t least_bytes, int64_t count) {
  left = nth;
  failures = count;
  counted_from = least_bytes;
  has_failed = false;
}

FailingAllocation::~FailingAllocation() { failures = 0; }

bool FailingAllocation::failed() const { return has_failed; }

void StartCountingHeap() {
  live = 0;
  peak = 0;
}

int64_t PeakHeapBytes() { return peak; }

}  // namespace convoy::testing

// The other forms of the standard library call these.
void* operator new(size_t bytes) {
  return convoy::testing::Allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return convoy::testing::Allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { convoy::testing::Free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { convoy::testing::Free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  convoy::testing::Free(memory);
}
void operator delete(void* memory, size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
  convoy::testing::Free(memory);
}
