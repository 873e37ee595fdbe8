// Memory that there is not becomes a status.
#ifndef CONVOY_KERNEL_BASE_OUT_OF_MEMORY_H_
#define CONVOY_KERNEL_BASE_OUT_OF_MEMORY_H_

#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace convoy {

// Runs `function`, which returns a Status or a StatusOr and may allocate.
//   RESOURCE_EXHAUSTED  "DOING: out of memory".
template <typename Function>
auto CatchOutOfMemory(const char* doing, Function&& function) -> decltype(function()) {
  try {
    return std::forward<Function>(function)();
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {  // more than any container holds
  }
  return absl::ResourceExhaustedError(std::string(doing) + ": out of memory");
}

}  // namespace convoy

#endif  // CONVOY_KERNEL_BASE_OUT_OF_MEMORY_H_
