// Exceptions that would end the process.
#ifndef CONVOY_SERVER_BASE_CATCH_EXCEPTIONS_H_
#define CONVOY_SERVER_BASE_CATCH_EXCEPTIONS_H_

#include <exception>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy {

// What `function` returns, a status or StatusOr; what it throws as a status: the
// memory that one layer or caller needs may not be there, and that is its error
// alone.
//   RESOURCE_EXHAUSTED  out of memory.
//   INTERNAL            anything else; a bug.
template <typename Function>
auto CatchExceptions(Function&& function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat("unexpected exception: ", exception.what()));
  }
}

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_CATCH_EXCEPTIONS_H_
