// Early return for absl::Status and absl::StatusOr.
#ifndef CONVOY_KERNEL_BASE_STATUS_MACROS_H_
#define CONVOY_KERNEL_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CONVOY_CONCAT_INNER(a, b) a##b
#define CONVOY_CONCAT(a, b) CONVOY_CONCAT_INNER(a, b)

// Returns the status of `expr` from the enclosing function unless it is OK.
#define CONVOY_RETURN_IF_ERROR(expr)                                \
  do {                                                              \
    if (absl::Status convoy_status = (expr); !convoy_status.ok()) { \
      return convoy_status;                                         \
    }                                                               \
  } while (false)

// Assigns the value of the StatusOr `expr` to `lhs`, or returns its status.
#define CONVOY_ASSIGN_OR_RETURN(lhs, expr) \
  CONVOY_ASSIGN_OR_RETURN_INNER(CONVOY_CONCAT(convoy_or_, __LINE__), lhs, expr)
#define CONVOY_ASSIGN_OR_RETURN_INNER(temporary, lhs, expr)  \
  auto temporary = (expr);                                   \
  if (!temporary.ok()) return std::move(temporary).status(); \
  lhs = *std::move(temporary)

#endif  // CONVOY_KERNEL_BASE_STATUS_MACROS_H_
