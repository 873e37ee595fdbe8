// Limits that fit in the memory that a container has.
#ifndef CONVOY_SERVER_OPTIONS_MEMORY_SHARES_H_
#define CONVOY_SERVER_OPTIONS_MEMORY_SHARES_H_

#include <cstdint>

#include "server/options/server_options.h"

namespace convoy {

// Lowers the limits in bytes that nobody has set to their shares of `memory_bytes`, a
// control group's limit. What is set, or small enough, stays.
void FitInMemory(int64_t memory_bytes, ParsedOptions& options);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_MEMORY_SHARES_H_
