// How much memory the process may take.
#ifndef CONVOY_SERVER_MEMORY_BOUND_H_
#define CONVOY_SERVER_MEMORY_BOUND_H_

#include <cstdint>

#include "server/options/server_options.h"

namespace convoy {

// The container's, or else the machine's, in bytes.
int64_t MemoryLimit();

// What a server with these options, weights of `weight_bytes` and callers who keep to
// HTTP/2's rules takes at most: the sum in docs/operations.md (Memory that callers take),
// with all that it is the idle part of. Never more than nine tenths of `memory_limit`,
// the bytes that the process may use.
int64_t MemoryBound(const ServerOptions& options, int64_t weight_bytes, int64_t memory_limit);

}  // namespace convoy

#endif  // CONVOY_SERVER_MEMORY_BOUND_H_
