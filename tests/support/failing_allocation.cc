#include "tests/support/failing_allocation.h"

#include <cstdlib>
#include <new>

namespace convoy::testing {
namespace {

constexpr int64_t kNever = -1;

thread_local int64_t left = kNever;  // allocations until the one that fails
thread_local size_t counted_from = 0;
thread_local bool has_failed = false;

bool Fails(size_t bytes) {
  if (left == kNever || bytes < counted_from) return false;
  has_failed = has_failed || left == 0;
  return left-- == 0;  // and is kNever then
}

void* Allocate(size_t bytes, size_t alignment) {
  if (Fails(bytes)) throw std::bad_alloc();
  const size_t rounded = (bytes + alignment) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

FailingAllocation::FailingAllocation(int64_t nth, size_t least_bytes) {
  left = nth;
  counted_from = least_bytes;
  has_failed = false;
}

FailingAllocation::~FailingAllocation() { left = kNever; }

bool FailingAllocation::failed() const { return has_failed; }

}  // namespace convoy::testing

// The other forms of the standard library call these.
void* operator new(size_t bytes) {
  return convoy::testing::Allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return convoy::testing::Allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
